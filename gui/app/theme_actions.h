// The themes as actions of a menu, one of them checked: the same in every window.
#pragma once

#include <QActionGroup>

#include "gui/theme/theme.h"

namespace sweepscope::gui {

// Owned by `parent`. Its signal triggered(QAction*) gives one that themeOf() reads.
QActionGroup* themeActions(QObject* parent);
ThemeKind themeOf(const QAction* action);
void checkTheme(const QActionGroup& themes, ThemeKind kind);

}  // namespace sweepscope::gui
