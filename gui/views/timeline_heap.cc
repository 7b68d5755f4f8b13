// The heap lane of the timeline: live bytes as a staircase, with trigger and goal.
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <utility>

#include "gui/models/formats.h"
#include "gui/views/timeline_marks.h"
#include "gui/views/timeline_picture.h"

namespace sweepscope::gui {

namespace {

constexpr uint64_t kOff = ~uint64_t{0};
constexpr double kColumnWidth = 0.5;  // pixels
constexpr double kLeastWidth = 1.5;   // of a figure known at one moment only

// A figure over time; each value holds until the next. If a pixel column contains many steps, the lowest and the
// highest are drawn: at mark termination the heap falls to the marked bytes in less time than a pixel.
class Staircase {
 public:
  void step(double x, double y) {
    if (path_.elementCount() == 0) {
      path_.moveTo(x, y);
      column_ = {x, y, y, y};
    } else if (x - column_.x < kColumnWidth) {
      column_ = {column_.x, std::min(column_.top, y), std::max(column_.bottom, y), y};
    } else {
      hold(x);
      column_ = {x, std::min(column_.last, y), std::max(column_.last, y), y};
    }
  }
  // The path up to `x`, where the figure becomes unknown or the data ends.
  QPainterPath take(double x) {
    if (path_.elementCount() > 0) hold(std::max(x, path_.elementAt(0).x + kLeastWidth));
    return std::exchange(path_, {});
  }
  bool empty() const { return path_.elementCount() == 0; }

 private:
  void hold(double x) {
    for (const double y : {column_.top, column_.bottom, column_.last}) path_.lineTo(column_.x, y);
    path_.lineTo(x, column_.last);
  }

  struct Column {
    double x = 0, top = 0, bottom = 0, last = 0;
  };
  QPainterPath path_;
  Column column_;
};

}  // namespace

void TimelinePicture::paintHeap(QPainter& painter, const Lane& lane) const {
  if (lane.box.height() < 20 || marks_.heap.empty()) return;
  const auto& heap = marks_.heap;
  const auto& limits = marks_.limits;
  const auto time = [](const auto& mark) { return mark.ns; };
  const QRectF box = lane.box.adjusted(0, 4, 0, -2);
  const auto past = [&](const auto& mark) { return static_cast<double>(mark.ns) > view_.endNs; };
  const auto begin = visibleFrom(heap, view_.beginNs, time);
  const auto end = std::find_if(begin, heap.end(), past);
  const auto limitsBegin = visibleFrom(limits, view_.beginNs, time);
  const auto limitsEnd = std::find_if(limitsBegin, limits.end(), past);
  uint64_t top = 1;
  for (auto it = begin; it != end; ++it) top = std::max(top, it->live.value_or(0));
  for (auto it = limitsBegin; it != limitsEnd; ++it) {
    if (it->goal != kOff) top = std::max(top, it->goal);
  }
  const auto yOf = [&](uint64_t bytes) {
    return box.bottom() -
           std::min(1.0, static_cast<double>(bytes) / (static_cast<double>(top) * 1.08)) * box.height();
  };
  const double right = std::min(xAt(extent_.last_ns), kPlotLeft + plotWidth());
  painter.setFont(theme_.small());
  painter.setPen(theme_.ui().dim);
  if (top > 1) {
    painter.drawText(QRectF(8, box.top() + 13, kPlotLeft - 12, 14), Qt::AlignLeft | Qt::AlignVCenter,
                     formatBytes(top));
  }
  painter.save();
  painter.setClipRect(QRectF(kPlotLeft, lane.box.top(), plotWidth(), lane.box.height()));
  painter.setRenderHint(QPainter::Antialiasing);

  Staircase live;
  const auto finish = [&](double x) {
    const QPainterPath line = live.take(x);
    QPainterPath area = line;
    area.lineTo(line.currentPosition().x(), box.bottom());
    area.lineTo(line.elementAt(0).x, box.bottom());
    QColor wash = theme_.ui().accent;
    wash.setAlpha(46);
    painter.fillPath(area, wash);
    painter.setPen(QPen(theme_.ui().accent, 1.4));
    painter.drawPath(line);
  };
  double unknownFrom = xAt(extent_.first_ns);
  for (auto it = begin; it != end; ++it) {
    const double x = xAt(it->ns);
    if (it->live) {
      if (live.empty()) paintUnknown(painter, box, unknownFrom, x);
      live.step(x, yOf(*it->live));
    } else if (!live.empty()) {
      finish(x);
      unknownFrom = x;
    }
  }
  if (live.empty())
    paintUnknown(painter, box, unknownFrom, right);
  else
    finish(right);

  Staircase trigger, goal;
  for (auto it = limitsBegin; it != limitsEnd; ++it) {
    if (it->trigger == kOff) continue;
    trigger.step(xAt(it->ns), yOf(it->trigger));
    goal.step(xAt(it->ns), yOf(it->goal));
  }
  painter.setPen(QPen(theme_.ui().dim, 1, Qt::DashLine));
  painter.drawPath(trigger.take(right));
  painter.setPen(QPen(theme_.ui().text, 1));
  painter.drawPath(goal.take(right));
  painter.restore();
}

// An interval in which the figure is unknown: hatched, with a label if it fits.
void TimelinePicture::paintUnknown(QPainter& painter, const QRectF& box, double from, double to) const {
  from = std::max(from, kPlotLeft);
  if (to - from < 1) return;
  QColor hatch = theme_.ui().dim;
  hatch.setAlpha(90);
  painter.fillRect(QRectF(from, box.top(), to - from, box.height()), QBrush(hatch, Qt::BDiagPattern));
  const QString word = tr("not known");
  painter.setFont(theme_.small());
  const double width = painter.fontMetrics().horizontalAdvance(word) + 10;
  if (to - from < width + 8) return;
  const QRectF chip((from + to - width) / 2, box.center().y() - 8, width, 16);
  painter.fillRect(chip, theme_.ui().panel);
  painter.setPen(theme_.ui().dim);
  painter.drawText(chip, Qt::AlignCenter, word);
}

}  // namespace sweepscope::gui
