#include "gui/theme/icons.h"

#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

namespace sweepscope::gui {

namespace {

// All shapes fit in a box of 16 x 16.
void triangle(QPainter& p, double x, double w, bool right) {
  right ? p.drawPolygon(QPolygonF({{x, 3}, {x + w, 8}, {x, 13}}))
        : p.drawPolygon(QPolygonF({{x + w, 3}, {x, 8}, {x + w, 13}}));
}

void draw(QPainter& p, Icon which, const Theme& theme) {
  switch (which) {
    case Icon::kPlay: p.drawPolygon(QPolygonF({{4, 2.5}, {13.5, 8}, {4, 13.5}})); break;
    case Icon::kPause:
      p.drawRect(QRectF(4, 3, 3, 10));
      p.drawRect(QRectF(9, 3, 3, 10));
      break;
    case Icon::kToStart:
      p.drawRect(QRectF(2.5, 3, 1.8, 10));
      triangle(p, 5, 8, false);
      break;
    case Icon::kToEnd:
      triangle(p, 3, 8, true);
      p.drawRect(QRectF(11.7, 3, 1.8, 10));
      break;
    case Icon::kPreviousPhase:
      triangle(p, 1, 7, false);
      triangle(p, 8, 7, false);
      break;
    case Icon::kNextPhase:
      triangle(p, 1, 7, true);
      triangle(p, 8, 7, true);
      break;
    case Icon::kPreviousEvent:
      triangle(p, 2, 6.5, false);
      p.drawRect(QRectF(10.5, 3, 1.8, 10));
      break;
    case Icon::kNextEvent:
      p.drawRect(QRectF(3.7, 3, 1.8, 10));
      triangle(p, 7.5, 6.5, true);
      break;
    case Icon::kRecord:
      p.setBrush(theme.ui().bad);
      p.drawEllipse(QRectF(3, 3, 10, 10));
      break;
    case Icon::kFolder: {
      QPainterPath path;
      path.moveTo(1.5, 13);
      path.lineTo(1.5, 3.5);
      path.lineTo(6, 3.5);
      path.lineTo(7.5, 5.2);
      path.lineTo(14.5, 5.2);
      path.lineTo(14.5, 13);
      path.closeSubpath();
      p.setBrush(Qt::NoBrush);
      p.setPen(QPen(theme.ui().text, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
      p.drawPath(path);
      break;
    }
    case Icon::kEngine:  // four squares of a heap, one of them highlighted
      for (int i = 0; i < 4; ++i) {
        p.setBrush(i == 1 ? theme.ui().accent : theme.ui().text);
        p.drawRoundedRect(QRectF(2 + i % 2 * 6.5, 2 + i / 2 * 6.5, 5.5, 5.5), 1, 1);
      }
      break;
    case Icon::kLive:
      p.setBrush(theme.ui().accent);
      p.drawEllipse(QRectF(5, 5, 6, 6));
      p.setBrush(Qt::NoBrush);
      p.setPen(QPen(theme.ui().accent, 1.3));
      p.drawArc(QRectF(1.5, 1.5, 13, 13), -40 * 16, 80 * 16);
      p.drawArc(QRectF(1.5, 1.5, 13, 13), 140 * 16, 80 * 16);
      break;
  }
}

}  // namespace

QIcon icon(Icon which, const Theme& theme) {
  QIcon result;
  for (const double ratio : {1.0, 1.5, 2.0, 3.0}) {
    QPixmap pixmap(static_cast<int>(16 * ratio), static_cast<int>(16 * ratio));
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(ratio, ratio);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.ui().text);
    draw(painter, which, theme);
    painter.end();
    pixmap.setDevicePixelRatio(ratio);
    result.addPixmap(pixmap);
  }
  return result;
}

}  // namespace sweepscope::gui
