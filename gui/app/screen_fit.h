// The window with its frame lies on its screen: title bar and status line are never off it. GUI thread.
#pragma once

#include <QMargins>
#include <QRect>

class QWidget;

namespace sweepscope::gui {

// The client area nearest to `client` that lies in `available` with `frame` around it; as large as there is
// room.
QRect fitted(QRect client, QMargins frame, QRect available);

// Moves and resizes `window` into the screen it is on. Its frame is known once it is shown; before, one is
// reserved.
void fitToScreen(QWidget& window);

}  // namespace sweepscope::gui
