// The modes of the program, each a window of its own, and the menu by which one window opens another. GUI thread.
#pragma once

#include <QMainWindow>
#include <QMenu>
#include <QString>
#include <cstdint>

#include "gui/app/options.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

enum class Mode : uint8_t { kWatch, kStep, kLesson };

// The menu "Mode" of a window that shows `own`. Options and theme are the window's; a window that the menu opens has the
// same theme and scale. Owned by `window`.
QMenu* modeMenu(QMainWindow& window, Mode own, const Options& options, const Theme& theme);

// Shows the window of the mode: the one that is open, or a new one. A schedule, for step mode, opens in a new window.
void openMode(Mode mode, const Options& from, const Theme& theme, const QString& schedule = {});

}  // namespace sweepscope::gui
