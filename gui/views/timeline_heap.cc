// The heap's lane of the timeline: live bytes against trigger and goal.
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "gui/models/formats.h"
#include "gui/views/timeline_marks.h"
#include "gui/views/timeline_picture.h"

namespace sweepscope::gui {

namespace {

constexpr double kColumnWidth = 0.5;  // pixels

// What happened within a column, of which more points than can be seen may lie: a heap falls from what lived
// before a mark termination to what was marked in less time than a pixel.
struct Column {
  Column() = default;
  Column(double at, uint64_t live) : any(true), x(at), first(live), low(live), high(live), last(live) {}

  void add(uint64_t live) {
    low = std::min(low, live);
    high = std::max(high, live);
    last = live;
  }

  bool any = false;
  double x = 0;
  uint64_t first = 0, low = 0, high = 0, last = 0;  // bytes
};

}  // namespace

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
  bool paced = false;
  Column column;
  const auto draw_column = [&] {
    if (!column.any) return;
    for (const uint64_t bytes : {column.first, column.high, column.low, column.last}) {
      const QPointF to(column.x, yOf(bytes));
      live.elementCount() == 0 ? live.moveTo(to) : live.lineTo(to);
    }
  };
  const auto draw = [&](const telemetry::HeapPoint& point) {
    const double x = xAt(point.ns);
    if (column.any && x - column.x < kColumnWidth) {
      column.add(point.live);
    } else {
      draw_column();
      column = Column(x, point.live);
    }
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
  draw_column();
  if (live.elementCount() > 0) {
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
