// The themes as actions of a menu, one of them checked, and the theme that is kept from one start to the next: the same in
// every window.
#pragma once

#include <QActionGroup>

#include "gui/app/options.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

// Owned by `parent`. Its signal triggered(QAction*) gives one that themeOf() reads.
QActionGroup* themeActions(QObject* parent);
ThemeKind themeOf(const QAction* action);
void checkTheme(const QActionGroup& themes, ThemeKind kind);

// The theme of the command line, else of the settings. A screenshot from the command line neither reads nor writes the
// settings, so that it does not depend on earlier sessions.
ThemeKind firstTheme(const Options& options);
void rememberTheme(const Options& options, ThemeKind kind);

}  // namespace sweepscope::gui
