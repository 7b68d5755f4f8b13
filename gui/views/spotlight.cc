#include "gui/views/spotlight.h"

#include <QPainter>

namespace sweepscope::gui {

Spotlight::Spotlight(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setObjectName(QStringLiteral("spotlight"));
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setFocusPolicy(Qt::NoFocus);
}

void Spotlight::show(const QVector<QRect>& lit, const QVector<QRect>& bright) {
  lit_ = lit, bright_ = bright;
  setVisible(!lit_.isEmpty());
  update();
}

void Spotlight::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  QRegion dim(rect());
  for (const QRect& box : lit_) dim -= box;
  for (const QRect& box : bright_) dim -= box;
  QColor shade =
      theme_.kind() == ThemeKind::kProjector ? QColor(255, 255, 255) : toColor(theme_.canvas().canvas);
  shade.setAlpha(72);
  for (const QRect& part : dim) painter.fillRect(part, shade);
  // Two lines, light and dark: seen on every ground. The canvas is dark in the light theme, too.
  const QColor line =
      theme_.kind() == ThemeKind::kProjector ? theme_.ui().accent : Theme(ThemeKind::kDark).ui().accent;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  for (const QRect& box : lit_) {
    painter.setPen(QPen(toColor(theme_.canvas().canvas), 4));
    painter.drawRoundedRect(QRectF(box).adjusted(1.5, 1.5, -1.5, -1.5), 5, 5);
    painter.setPen(QPen(line, 2));
    painter.drawRoundedRect(QRectF(box).adjusted(1.5, 1.5, -1.5, -1.5), 5, 5);
  }
}

}  // namespace sweepscope::gui
