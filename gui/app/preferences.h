// How the window looks by a person's choice, and what is remembered of it from one start to the next: theme,
// motion, recent files, the places of the panels. GUI thread.
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
  // A picture asked for on the command line must not depend on who sat here before, nor change what is
  // remembered.
  bool remembers() const { return options_.screenshot.isEmpty(); }

  const Options& options_;
  Actions& actions_;
  Regions& regions_;
  RecentFiles& recent_;
  Theme& theme_;
};

}  // namespace sweepscope::gui
