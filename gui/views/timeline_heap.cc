// The heap's lane of the timeline: live bytes against trigger and goal.
#include <QPainter>
#include <QPainterPath>

#include "gui/models/formats.h"
#include "gui/views/timeline_marks.h"
#include "gui/views/timeline_picture.h"

namespace sweepscope::gui {

void TimelinePicture::paintHeap(QPainter& painter, const Lane& lane) const {
  if (lane.box.height() < 20) return;
  const auto& heap = marks_.heap;
  const QRectF box = lane.box.adjusted(0, 4, 0, -2);
  const auto begin = visibleFrom(heap, view_.beginNs, [](const auto& m) { return m.ns; });
  uint64_t top = 1;
  const auto known = [](uint64_t bytes) { return bytes != 0 && bytes != ~uint64_t{0}; };
  auto end = begin;
  for (; end != heap.end(); ++end) {
    top = std::max(top, end->live);
    if (known(end->goal)) top = std::max(top, end->goal);
    if (static_cast<double>(end->ns) > view_.endNs) break;
  }
  const auto yOf = [&](uint64_t bytes) {
    return box.bottom() -
           std::min(1.0, static_cast<double>(bytes) / (static_cast<double>(top) * 1.08)) * box.height();
  };
  painter.setFont(theme_.small());
  painter.setPen(theme_.ui().dim);
  if (top > 1) {
    painter.drawText(QRectF(8, box.top() + 13, kPlotLeft - 12, 14), Qt::AlignLeft | Qt::AlignVCenter,
                     formatBytes(top));
  }
  painter.save();
  painter.setClipRect(QRectF(kPlotLeft, lane.box.top(), plotWidth(), lane.box.height()));
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath live, trigger, goal;
  bool first = true, paced = false;
  double lastX = -1e9;
  const auto draw = [&](const telemetry::HeapPoint& point) {
    const double x = xAt(point.ns);
    if (x - lastX < 0.5 && !first) return;  // at most two points a pixel
    lastX = x;
    first ? live.moveTo(x, yOf(point.live)) : live.lineTo(x, yOf(point.live));
    first = false;
    if (!known(point.trigger)) return;
    const double t = yOf(point.trigger), g = yOf(point.goal);
    if (!paced) {
      trigger.moveTo(x, t), goal.moveTo(x, g);
    } else {
      trigger.lineTo(x, trigger.currentPosition().y()), trigger.lineTo(x, t);
      goal.lineTo(x, goal.currentPosition().y()), goal.lineTo(x, g);
    }
    paced = true;
  };
  for (auto it = begin; it != end; ++it) draw(*it);
  if (end != heap.end()) draw(*end);
  if (!first) {
    QPainterPath area = live;
    area.lineTo(live.currentPosition().x(), box.bottom());
    area.lineTo(live.elementAt(0).x, box.bottom());
    QColor wash = theme_.ui().accent;
    wash.setAlpha(46);
    painter.fillPath(area, wash);
    painter.setPen(QPen(theme_.ui().accent, 1.4));
    painter.drawPath(live);
  }
  painter.setPen(QPen(theme_.ui().dim, 1, Qt::DashLine));
  painter.drawPath(trigger);
  painter.setPen(QPen(theme_.ui().text, 1));
  painter.drawPath(goal);
  painter.restore();
}

}  // namespace sweepscope::gui
