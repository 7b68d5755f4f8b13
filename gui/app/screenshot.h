// --screenshot: waits for the moment asked for, writes the picture, ends the program. Works with a real
// window and with -platform offscreen, because the window paints itself into the image.
#pragma once

#include "gui/app/main_window.h"
#include "gui/app/options.h"

namespace sweepscope::gui {

// Exit code of the program: 0 written, 2 the file cannot be written.
void scheduleScreenshot(MainWindow& window, const Options& options);

}  // namespace sweepscope::gui
