#include "gui/app/screen_fit.h"

#include <QScreen>
#include <QStyle>
#include <QWidget>
#include <algorithm>

namespace sweepscope::gui {

namespace {

QMargins frameOf(const QWidget& window) {
  const QRect outer = window.frameGeometry(), inner = window.geometry();
  const QMargins real(inner.left() - outer.left(), inner.top() - outer.top(), outer.right() - inner.right(),
                      outer.bottom() - inner.bottom());
  if (window.isVisible() && !real.isNull()) return real;
  return {0, window.style()->pixelMetric(QStyle::PM_TitleBarHeight), 0, 0};
}

}  // namespace

QRect fitted(QRect client, QMargins frame, QRect available) {
  const QRect room = available.marginsRemoved(frame);
  client.setSize(client.size().boundedTo(room.size()));
  client.moveLeft(std::clamp(client.left(), room.left(), room.right() - client.width() + 1));
  client.moveTop(std::clamp(client.top(), room.top(), room.bottom() - client.height() + 1));
  return client;
}

void fitToScreen(QWidget& window) {
  if (window.isMaximized() || window.isFullScreen()) return;
  const QRect room = fitted(window.geometry(), frameOf(window), window.screen()->availableGeometry());
  if (room.size() != window.size()) window.resize(room.size());
  // The window manager places a new window; move it only if part of it would be off screen.
  if (window.isVisible() && room.topLeft() != window.geometry().topLeft()) window.setGeometry(room);
}

}  // namespace sweepscope::gui
