// The user's settings, saved from one start to the next: theme, reduced motion, recent files, panel layout. GUI
// thread.
#pragma once

#include "gui/app/actions.h"
#include "gui/app/options.h"
#include "gui/app/recent_files.h"
#include "gui/app/regions.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class Preferences {
 public:
  Preferences(const Options& options, Actions& actions, Regions& regions, RecentFiles& recent, Theme& theme)
      : options_(options), actions_(actions), regions_(regions), recent_(recent), theme_(theme) {}

  void restore();
  void save();
  void applyTheme(ThemeKind kind);

 private:
  // A screenshot from the command line neither reads nor writes the settings, so that it does not depend on
  // earlier sessions.
  bool remembers() const { return options_.screenshot.isEmpty(); }

  const Options& options_;
  Actions& actions_;
  Regions& regions_;
  RecentFiles& recent_;
  Theme& theme_;
};

}  // namespace sweepscope::gui
