#include "gui/views/timeline_picture.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <span>

#include "gui/models/formats.h"
#include "gui/models/sentences.h"
#include "gui/views/timeline_marks.h"

namespace sweepscope::gui {

using telemetry::Phase;

namespace {

// The log axis of pauses; longer bars end at its top. In the laboratory a unit of time is a step.
constexpr double kPauseFloorNs = 300, kPauseCeilingNs = 1e9;
constexpr double kPauseFloorSteps = 1, kPauseCeilingSteps = 1000;
constexpr double kPauseTicksNs[] = {1e3, 10e3, 100e3, 1e6, 10e6, 100e6};
constexpr double kPauseTicksSteps[] = {10, 100};

// For the grid behind the data: the projector theme's borders are too strong.
QColor faintLine(const Theme& theme) {
  QColor faint = theme.ui().border;
  if (theme.kind() == ThemeKind::kProjector) faint.setAlpha(90);
  return faint;
}

double niceStep(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double m : {1.0, 2.0, 5.0}) {
    if (raw <= m * power) return m * power;
  }
  return 10 * power;
}

}  // namespace

double TimelinePicture::xAt(int64_t ns) const {
  return kPlotLeft + (static_cast<double>(ns) - view_.beginNs) / (view_.endNs - view_.beginNs) * plotWidth();
}

int64_t TimelinePicture::nsAt(double x) const {
  return static_cast<int64_t>(view_.beginNs + (x - kPlotLeft) / plotWidth() * (view_.endNs - view_.beginNs));
}

TimelinePicture::Lanes TimelinePicture::lanes() const {
  Lanes lanes;
  const double w = view_.width, h = view_.height;
  const double free = h - kAxisHeight - 4;
  const bool tight = free < 100;  // collapsed: only phases and pauses remain
  const double phases = 18, flushes = tight ? 0 : 20;
  const double pauses = tight ? free - phases : (free - phases - flushes) * 0.46;
  const double heap = tight ? 0 : free - phases - flushes - pauses;
  double y = 0;
  const auto unless = [](bool some, const QString& none) { return some ? QString() : none; };
  lanes.axis = {QRectF(0, y, w, kAxisHeight), {}, {}, {}};
  y += kAxisHeight;
  lanes.phases = {
      QRectF(0, y, w, phases), tr("phase"), unless(!marks_.phases.empty(), tr("no cycle")),
      tr("What the collector does. Between two mark phases, it sweeps concurrently with the program.")};
  y += phases;
  lanes.pauses = {
      QRectF(0, y, w, pauses), tr("pauses"),
      unless(!marks_.pauses.empty(), tr("the world was never stopped")),
      tr("A bar for each stop of the world; its height is the duration on a log axis. From the bottom: time to "
         "stop, marking if it was done in the stop, other work (red if mcaches were flushed in it), start of the "
         "world. The strip at the bottom spans the stop in time.")};
  y += pauses;
  lanes.heap = {QRectF(0, y, w, heap), tr("heap"), unless(!marks_.heap.empty(), tr("not known")),
                tr("Bytes of the heap that are live, with the trigger (dashed) and the goal.")};
  y += heap;
  lanes.flushes = {
      QRectF(0, y, w, flushes), tr("flushes"), unless(!marks_.flushes.empty(), tr("no cache was flushed")),
      tr("A letter for each flush of an mcache, by its cause; a tick where a letter does not fit.")};
  return lanes;
}

bool TimelinePicture::quietAt(int64_t ns) const {
  const auto after = std::upper_bound(marks_.phases.begin(), marks_.phases.end(), ns,
                                      [](int64_t t, const telemetry::PhaseMark& m) { return t < m.ns; });
  return after == marks_.phases.begin() || (after - 1)->phase == Phase::kOff;
}

void TimelinePicture::paint(QPainter& painter) const {
  const Lanes all = lanes();
  painter.fillRect(QRectF(0, 0, view_.width, view_.height), theme_.ui().panel);
  paintPlan(painter);
  paintAxis(painter, all.axis);
  paintPhases(painter, all.phases);
  paintPauses(painter, all.pauses);
  paintHeap(painter, all.heap);
  paintFlushes(painter, all.flushes);
  paintLost(painter);
  paintNames(painter, all);
  paintHead(painter);
}

void TimelinePicture::paintPlan(QPainter& painter) const {
  if (!view_.plan) return;
  const double left = std::max(xAt(view_.plan->first), kPlotLeft);
  const double right = std::min(xAt(view_.plan->second), kPlotLeft + plotWidth());
  QColor wash = theme_.ui().accent;
  wash.setAlpha(26);
  if (right > left) painter.fillRect(QRectF(left, 0, right - left, view_.height), wash);
}

void TimelinePicture::paintNames(QPainter& painter, const Lanes& all) const {
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setFont(theme_.small());
  for (const Lane* lane : {&all.phases, &all.pauses, &all.heap, &all.flushes}) {
    if (lane->box.height() < 10) continue;
    painter.setPen(theme_.ui().border);
    painter.drawLine(QPointF(0, lane->box.top()), QPointF(view_.width, lane->box.top()));
    painter.setPen(theme_.ui().text);
    painter.drawText(lane->box.adjusted(8, 3, 0, 0), Qt::AlignLeft | Qt::AlignTop, lane->name);
    painter.setPen(theme_.ui().dim);
    painter.drawText(lane->box.adjusted(kPlotLeft + 6, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     lane->empty);
  }
}

void TimelinePicture::paintAxis(QPainter& painter, const Lane& lane) const {
  painter.setFont(theme_.small());
  const double step = niceStep((view_.endNs - view_.beginNs) / std::max(2.0, plotWidth() / 120));
  const bool seconds = step >= 1e8, micros = step < 1e5;
  for (double t = std::ceil(view_.beginNs / step) * step; t < view_.endNs; t += step) {
    const double x = xAt(static_cast<int64_t>(t));
    painter.setPen(faintLine(theme_));
    painter.drawLine(QPointF(x, lane.box.bottom() - 4), QPointF(x, view_.height));
    painter.setPen(theme_.ui().dim);
    const QString text = view_.steps  ? tr("step %1").arg(t, 0, 'f', 0)
                         : step < 1e3 ? QStringLiteral("%1 us").arg(t / 1e3, 0, 'f', 2)
                         : seconds    ? QStringLiteral("%1 s").arg(t / 1e9, 0, 'f', step < 1e9 ? 1 : 0)
                         : micros     ? QStringLiteral("%1 ms").arg(t / 1e6, 0, 'f', 2)
                                      : QStringLiteral("%1 ms").arg(t / 1e6, 0, 'f', step < 1e6 ? 1 : 0);
    if (x + 60 < kPlotLeft + plotWidth()) painter.drawText(QPointF(x + 3, lane.box.bottom() - 6), text);
  }
}

void TimelinePicture::paintPhases(QPainter& painter, const Lane& lane) const {
  const auto& phases = marks_.phases;
  const auto& cycles = marks_.cycles;
  const QRectF box = lane.box.adjusted(0, 3, 0, -3);
  painter.setRenderHint(QPainter::Antialiasing, false);
  double paintedTo = -1;
  for (auto it = visibleFrom(phases, view_.beginNs, [](const auto& m) { return m.ns; }); it != phases.end();
       ++it) {
    if (static_cast<double>(it->ns) > view_.endNs) break;
    const int64_t end = it + 1 != phases.end() ? (it + 1)->ns : extent_.last_ns;
    const double left = std::max(xAt(it->ns), kPlotLeft), right = std::min(xAt(end), kPlotLeft + plotWidth());
    if (right <= paintedTo) continue;  // several phases in a pixel: the first wins
    const QColor colour = it->phase == Phase::kMark  ? theme_.ui().accent
                          : it->phase == Phase::kOff ? theme_.ui().raised
                                                     : theme_.ui().text;
    const double w = std::max(right - left, it->phase == Phase::kOff ? 0.0 : 1.0);
    painter.fillRect(QRectF(left, box.top(), w, box.height()), colour);
    paintedTo = std::floor(left + w);
    if (it->phase == Phase::kMark && w > 46) {
      painter.setPen(theme_.ui().onAccent);
      painter.setFont(theme_.small());
      painter.drawText(QRectF(left + 5, box.top(), w - 6, box.height()), Qt::AlignVCenter, tr("mark"));
    }
  }
  painter.setFont(theme_.small());
  double textTo = 0;
  for (auto it = visibleFrom(cycles, view_.beginNs, [](const auto& m) { return m.ns; }); it != cycles.end();
       ++it) {
    const double x = xAt(it->ns);
    if (x > kPlotLeft + plotWidth()) break;
    // The cycle's label is at its right end, in the quiet phase before the next cycle.
    const double right = it + 1 != cycles.end() ? xAt((it + 1)->ns) : kPlotLeft + plotWidth();
    const QString text = tr("cycle %1").arg(it->cycle);
    const double w = painter.fontMetrics().horizontalAdvance(text) + 8;
    if (right - w < std::max({textTo, x + 60, kPlotLeft}) || right > kPlotLeft + plotWidth() + 1) continue;
    if (!quietAt(nsAt(right - w))) continue;  // the last cycle may have none
    painter.setPen(theme_.ui().dim);
    painter.drawText(QRectF(right - w, box.top(), w - 4, box.height()), Qt::AlignVCenter | Qt::AlignRight,
                     text);
    textTo = right;
  }
}

void TimelinePicture::paintPauses(QPainter& painter, const Lane& lane) const {
  if (marks_.pauses.empty()) return;  // no grid behind the text of the empty lane
  const QRectF box = lane.box.adjusted(0, 4, 0, -3);
  const double floor = view_.steps ? kPauseFloorSteps : kPauseFloorNs;
  const double ceiling = view_.steps ? kPauseCeilingSteps : kPauseCeilingNs;
  const auto yOf = [&](double ns) {
    const double share = std::log(std::clamp(ns, floor, ceiling) / floor) / std::log(ceiling / floor);
    return box.bottom() - share * box.height();
  };
  const double perDecade = box.height() / std::log10(ceiling / floor);
  painter.setFont(theme_.small());
  for (const double ns : view_.steps ? std::span<const double>(kPauseTicksSteps) : std::span(kPauseTicksNs)) {
    const double y = yOf(ns);
    painter.setPen(faintLine(theme_));
    painter.drawLine(QPointF(kPlotLeft, y), QPointF(kPlotLeft + plotWidth(), y));
    painter.setPen(theme_.ui().dim);
    const bool room = perDecade > 10 || ns == (view_.steps ? 10 : 1e3) || ns == 1e6;
    const QString label = view_.steps ? box.height() > 40 ? formatDuration(ns, true) : QString::number(ns)
                          : ns < 1e6 ? QStringLiteral("%1 us").arg(ns / 1e3, 0, 'f', 0)
                                      : QStringLiteral("%1 ms").arg(ns / 1e6, 0, 'f', 0);
    if (room)
      painter.drawText(QRectF(kPlotLeft - 64, y - 7, 60, 14), Qt::AlignRight | Qt::AlignVCenter, label);
  }
  const auto& pauses = marks_.pauses;
  const QColor flush = toColor(theme_.canvas()[CellState::kStale]);
  for (auto it = visibleFrom(pauses, view_.beginNs, [](const auto& m) { return m.begin_ns; });
       it != pauses.end(); ++it) {
    if (static_cast<double>(it->begin_ns) > view_.endNs) break;
    if (it->released_ns < it->begin_ns) continue;
    paintExtent(painter, box, *it);
    const double x = std::round(xAt(it->begin_ns));
    if (x < kPlotLeft) continue;
    // Split by height on the same log axis.
    const struct {
      int64_t end;
      QColor colour;
    } parts[] = {{it->stopped_ns, theme_.ui().dim},
                 {it->mark_begin_ns, theme_.ui().text},
                 {it->mark_end_ns, theme_.ui().accent},
                 {it->released_ns, it->spans_flushed > 0 ? flush : theme_.ui().text},
                 {it->started_ns, theme_.ui().dim}};
    double bottom = box.bottom();
    for (const auto& [end, colour] : parts) {
      double top = std::min(yOf(static_cast<double>(end - it->begin_ns)), bottom);
      if (bottom == box.bottom()) top = std::min(top, bottom - 1);  // the shortest stop is seen too
      painter.fillRect(QRectF(x - 2, top, 5, bottom - top), colour);
      bottom = top;
    }
  }
}

// The length of a stop that is wider than its bar: a strip along the bottom of the lane.
void TimelinePicture::paintExtent(QPainter& painter, const QRectF& box,
                                  const telemetry::PauseMark& stop) const {
  const double left = std::max(xAt(stop.begin_ns), kPlotLeft);
  const double right = std::min(xAt(stop.started_ns), kPlotLeft + plotWidth());
  if (right - left < 3) return;
  QColor strip = theme_.ui().text;
  strip.setAlpha(70);
  painter.fillRect(QRectF(left, box.bottom() - 5, right - left, 5), strip);
}

void TimelinePicture::paintFlushes(QPainter& painter, const Lane& lane) const {
  if (lane.box.height() < 12) return;
  const auto& flushes = marks_.flushes;
  painter.setFont(theme_.mono());
  const double baseline = lane.box.bottom() - 6;
  double taken = -1e9;
  for (auto it = visibleFrom(flushes, view_.beginNs, [](const auto& m) { return m.ns; }); it != flushes.end();
       ++it) {
    if (static_cast<double>(it->ns) > view_.endNs) break;
    const double x = xAt(it->ns);
    if (x < kPlotLeft) continue;
    if (x - taken > 7) {
      painter.setPen(it->swept > 0 ? theme_.ui().text : theme_.ui().dim);
      painter.drawText(QPointF(x - 3, baseline), QString(QLatin1Char(flushCauseLetter(it->cause))));
      taken = x;
    } else {
      painter.setPen(theme_.ui().dim);
      painter.drawLine(QPointF(x, baseline + 1), QPointF(x, baseline + 4));
    }
  }
}

void TimelinePicture::paintHead(QPainter& painter) const {
  const double x = xAt(view_.headNs);
  if (x < kPlotLeft - 1 || x > kPlotLeft + plotWidth() + 1) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme_.ui().bad, 1.5));
  painter.drawLine(QPointF(x, 6), QPointF(x, view_.height));
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme_.ui().bad);
  painter.drawPolygon(QPolygonF({{x - 5, 2}, {x + 5, 2}, {x, 10}}));
}

}  // namespace sweepscope::gui
