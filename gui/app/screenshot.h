// --screenshot: waits for the requested moment, writes the picture, exits. Works with a real window and with
// -platform offscreen, because the window renders itself into the image.
#pragma once

#include "gui/app/main_window.h"
#include "gui/app/options.h"

namespace sweepscope::gui {

// Exit code of the program: 0 if the picture was written, else 2.
void scheduleScreenshot(MainWindow& window, const Options& options);
// After Options::afterSeconds.
void scheduleScreenshotLater(QWidget& window, const Options& options);

}  // namespace sweepscope::gui
