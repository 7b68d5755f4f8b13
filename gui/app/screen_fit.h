// Keeps the window with its frame on its screen, so that title bar and status line stay visible. GUI thread.
#pragma once

#include <QMargins>
#include <QRect>

class QWidget;

namespace sweepscope::gui {

// The client area nearest to `client` that fits in `available` with `frame` around it; shrunk if necessary.
QRect fitted(QRect client, QMargins frame, QRect available);

// Moves and resizes `window` into the screen it is on. Its frame is known once it is shown; before
// that, a typical frame is reserved.
void fitToScreen(QWidget& window);

}  // namespace sweepscope::gui
