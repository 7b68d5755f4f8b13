#include "gui/views/timeline_widget.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/models/formats.h"
#include "gui/models/sentences.h"

namespace sweepscope::gui {

using telemetry::Marks;
using telemetry::Phase;

namespace {

constexpr double kAxisHeight = 20;
constexpr double kPauseFloorNs = 300, kPauseCeilingNs = 20e6;  // of the log axis; longer bars end at its top

// First element of a time-ordered vector that may still be visible from `ns` on: one before the first that
// begins later.
template <class T, class Time>
auto visibleFrom(const std::vector<T>& marks, double ns, Time time) {
  auto it = std::lower_bound(marks.begin(), marks.end(), ns,
                             [&](const T& m, double t) { return static_cast<double>(time(m)) < t; });
  return it == marks.begin() ? it : it - 1;
}

double niceStep(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double m : {1.0, 2.0, 5.0}) {
    if (raw <= m * power) return m * power;
  }
  return 10 * power;
}

}  // namespace

TimelineWidget::TimelineWidget(const SessionController& session, const Theme& theme, QWidget* parent)
    : QWidget(parent), session_(session), theme_(theme) {
  setObjectName(QStringLiteral("timeline"));
  setAccessibleName(tr("Timeline: phases, pauses, heap, flushes"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
}

double TimelineWidget::xAt(int64_t ns) const {
  return plotLeft() + (static_cast<double>(ns) - beginNs_) / (endNs_ - beginNs_) * plotWidth();
}

int64_t TimelineWidget::nsAt(double x) const {
  return static_cast<int64_t>(beginNs_ + (x - plotLeft()) / plotWidth() * (endNs_ - beginNs_));
}

TimelineWidget::Lanes TimelineWidget::lanes() const {
  Lanes lanes;
  const double w = width(), h = height();
  const double free = h - kAxisHeight - 4;
  const bool tight = free < 100;  // collapsed: phases and pauses stay
  const double phases = 18, flushes = tight ? 0 : 20;
  const double pauses = tight ? free - phases : (free - phases - flushes) * 0.46;
  const double heap = tight ? 0 : free - phases - flushes - pauses;
  double y = 0;
  lanes.axis = {QRectF(0, y, w, kAxisHeight), {}};
  y += kAxisHeight;
  lanes.phases = {QRectF(0, y, w, phases), tr("phase")};
  y += phases;
  lanes.pauses = {QRectF(0, y, w, pauses), tr("pauses")};
  y += pauses;
  lanes.heap = {QRectF(0, y, w, heap), tr("heap")};
  y += heap;
  lanes.flushes = {QRectF(0, y, w, flushes), tr("flushes")};
  return lanes;
}

void TimelineWidget::onPicture() {
  follow();
  update();
}

void TimelineWidget::follow() {
  if (!following_ || !session_.log()) return;
  const telemetry::Extent extent = session_.log()->extent();
  const auto& cycles = session_.log()->marks().cycles;
  const auto now = static_cast<double>(session_.ns());
  if (session_.source() == SessionController::Source::kRecording) {
    // The whole session while it is short, else a window of cycles around the play head.
    if (cycles.size() <= 24) {
      beginNs_ = static_cast<double>(extent.first_ns), endNs_ = static_cast<double>(extent.last_ns);
      return clampRange();
    }
  }
  if (cycles.empty()) {
    endNs_ = static_cast<double>(extent.last_ns), beginNs_ = endNs_ - 2e9;
    return clampRange();
  }
  const auto after =
      std::upper_bound(cycles.begin(), cycles.end(), now,
                       [](double t, const telemetry::CycleMark& c) { return t < static_cast<double>(c.ns); });
  const auto index = std::max<std::ptrdiff_t>(after - cycles.begin() - 1, 0);
  const auto count = static_cast<std::ptrdiff_t>(cycles.size());
  // One window for the cycle that is shown: it stays while the play head crosses it.
  const auto first = std::max<std::ptrdiff_t>(index - 3, 0), last = std::min(index + 2, count - 1);
  beginNs_ = static_cast<double>(cycles[static_cast<size_t>(first)].ns);
  endNs_ = index + 2 <= count - 1 ? static_cast<double>(cycles[static_cast<size_t>(last)].ns)
                                  : static_cast<double>(extent.last_ns);
  const double pad = (endNs_ - beginNs_) * 0.02;
  beginNs_ -= pad, endNs_ += pad;
  clampRange();
}

void TimelineWidget::clampRange() {
  if (endNs_ - beginNs_ < 1000) endNs_ = beginNs_ + 1000;
}

void TimelineWidget::showAll() {
  following_ = false;
  if (!session_.log()) return;
  const telemetry::Extent extent = session_.log()->extent();
  beginNs_ = static_cast<double>(extent.first_ns), endNs_ = static_cast<double>(extent.last_ns);
  clampRange();
  update();
}

void TimelineWidget::zoomBy(double factor, double x) {
  const auto centre = static_cast<double>(nsAt(x));
  following_ = false;
  beginNs_ = centre + (beginNs_ - centre) * factor;
  endNs_ = centre + (endNs_ - centre) * factor;
  clampRange();
  update();
}

void TimelineWidget::paintAxis(QPainter& painter, const Lane& lane) const {
  painter.setFont(theme_.small());
  const double step = niceStep((endNs_ - beginNs_) / std::max(2.0, plotWidth() / 120));
  const bool seconds = step >= 1e8, micros = step < 1e5;
  for (double t = std::ceil(beginNs_ / step) * step; t < endNs_; t += step) {
    const double x = xAt(static_cast<int64_t>(t));
    painter.setPen(theme_.ui().border);
    painter.drawLine(QPointF(x, lane.box.bottom() - 4), QPointF(x, height()));
    painter.setPen(theme_.ui().dim);
    const QString text = seconds  ? QStringLiteral("%1 s").arg(t / 1e9, 0, 'f', step < 1e9 ? 1 : 0)
                         : micros ? QStringLiteral("%1 ms").arg(t / 1e6, 0, 'f', 2)
                                  : QStringLiteral("%1 ms").arg(t / 1e6, 0, 'f', step < 1e6 ? 1 : 0);
    if (x + 60 < plotLeft() + plotWidth()) painter.drawText(QPointF(x + 3, lane.box.bottom() - 6), text);
  }
}

void TimelineWidget::paintPhases(QPainter& painter, const Lane& lane) const {
  const auto& phases = session_.log()->marks().phases;
  const auto& cycles = session_.log()->marks().cycles;
  const QRectF box = lane.box.adjusted(0, 3, 0, -3);
  painter.setRenderHint(QPainter::Antialiasing, false);
  double paintedTo = -1;
  for (auto it = visibleFrom(phases, beginNs_, [](const auto& m) { return m.ns; }); it != phases.end();
       ++it) {
    if (static_cast<double>(it->ns) > endNs_) break;
    const int64_t end = it + 1 != phases.end() ? (it + 1)->ns : session_.log()->extent().last_ns;
    const double left = std::max(xAt(it->ns), plotLeft()),
                 right = std::min(xAt(end), plotLeft() + plotWidth());
    if (right <= paintedTo) continue;  // many phases a pixel: the first wins
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
  for (auto it = visibleFrom(cycles, beginNs_, [](const auto& m) { return m.ns; }); it != cycles.end();
       ++it) {
    const double x = xAt(it->ns);
    if (x > plotLeft() + plotWidth()) break;
    // The cycle's name stands at its far end, in the quiet phase before the next begins.
    const double right = it + 1 != cycles.end() ? xAt((it + 1)->ns) : plotLeft() + plotWidth();
    const QString text = tr("cycle %1").arg(it->cycle);
    const double w = painter.fontMetrics().horizontalAdvance(text) + 8;
    if (right - w < std::max({textTo, x + 60, plotLeft()}) || right > plotLeft() + plotWidth() + 1) continue;
    painter.setPen(theme_.ui().dim);
    painter.drawText(QRectF(right - w, box.top(), w - 4, box.height()), Qt::AlignVCenter | Qt::AlignRight,
                     text);
    textTo = right;
  }
}

void TimelineWidget::paintPauses(QPainter& painter, const Lane& lane) const {
  const QRectF box = lane.box.adjusted(0, 4, 0, -3);
  const auto yOf = [&](double ns) {
    const double share = std::log(std::clamp(ns, kPauseFloorNs, kPauseCeilingNs) / kPauseFloorNs) /
                         std::log(kPauseCeilingNs / kPauseFloorNs);
    return box.bottom() - share * box.height();
  };
  painter.setFont(theme_.small());
  for (const double ns : {1e3, 10e3, 100e3, 1e6, 10e6}) {
    const double y = yOf(ns);
    QColor faint = theme_.ui().border;
    painter.setPen(faint);
    painter.drawLine(QPointF(plotLeft(), y), QPointF(plotLeft() + plotWidth(), y));
    painter.setPen(theme_.ui().dim);
    const bool room = box.height() > 55 || ns == 1e3 || ns == 1e6;
    const QString label = ns < 1e6 ? QStringLiteral("%1 us").arg(ns / 1e3, 0, 'f', 0)
                                   : QStringLiteral("%1 ms").arg(ns / 1e6, 0, 'f', 0);
    if (room)
      painter.drawText(QRectF(plotLeft() - 44, y - 7, 40, 14), Qt::AlignRight | Qt::AlignVCenter, label);
  }
  const auto& pauses = session_.log()->marks().pauses;
  const QColor flush = toColor(theme_.canvas()[CellState::kStale]);
  for (auto it = visibleFrom(pauses, beginNs_, [](const auto& m) { return m.begin_ns; }); it != pauses.end();
       ++it) {
    if (static_cast<double>(it->begin_ns) > endNs_) break;
    const double x = std::round(xAt(it->begin_ns));
    if (x < plotLeft() || it->released_ns < it->begin_ns) continue;
    const auto whole = static_cast<double>(it->started_ns > it->begin_ns ? it->started_ns - it->begin_ns
                                                                         : it->released_ns - it->begin_ns);
    const double ttsp = std::max<double>(static_cast<double>(it->stopped_ns - it->begin_ns), 0);
    const auto rest = static_cast<double>(it->released_ns - it->begin_ns);
    // Split by height on the same log axis: time to stop, the stopped rest (red if something was flushed),
    // world start.
    const double y0 = box.bottom(), y1 = std::min(yOf(ttsp), y0 - 1), y2 = std::min(yOf(rest), y1),
                 y3 = std::min(yOf(whole), y2);
    painter.fillRect(QRectF(x - 2, y1, 5, y0 - y1), theme_.ui().dim);
    painter.fillRect(QRectF(x - 2, y2, 5, y1 - y2), it->spans_flushed > 0 ? flush : theme_.ui().text);
    painter.fillRect(QRectF(x - 2, y3, 5, y2 - y3), theme_.ui().accent);
  }
}

void TimelineWidget::paintHeap(QPainter& painter, const Lane& lane) const {
  if (lane.box.height() < 20) return;
  const auto& heap = session_.log()->marks().heap;
  const QRectF box = lane.box.adjusted(0, 4, 0, -2);
  const auto begin = visibleFrom(heap, beginNs_, [](const auto& m) { return m.ns; });
  uint64_t top = 1;
  const auto known = [](uint64_t bytes) { return bytes != 0 && bytes != ~uint64_t{0}; };
  auto end = begin;
  for (; end != heap.end(); ++end) {
    top = std::max(top, end->live);
    if (known(end->goal)) top = std::max(top, end->goal);
    if (static_cast<double>(end->ns) > endNs_) break;
  }
  const auto yOf = [&](uint64_t bytes) {
    return box.bottom() -
           std::min(1.0, static_cast<double>(bytes) / (static_cast<double>(top) * 1.08)) * box.height();
  };
  painter.setFont(theme_.small());
  painter.setPen(theme_.ui().dim);
  if (top > 1) {
    painter.drawText(QRectF(8, box.top() + 13, plotLeft() - 12, 14), Qt::AlignLeft | Qt::AlignVCenter,
                     formatBytes(top));
  }
  painter.save();
  painter.setClipRect(QRectF(plotLeft(), lane.box.top(), plotWidth(), lane.box.height()));
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

void TimelineWidget::paintFlushes(QPainter& painter, const Lane& lane) const {
  if (lane.box.height() < 12) return;
  const auto& flushes = session_.log()->marks().flushes;
  painter.setFont(theme_.mono());
  const double baseline = lane.box.bottom() - 6;
  double taken = -1e9;
  for (auto it = visibleFrom(flushes, beginNs_, [](const auto& m) { return m.ns; }); it != flushes.end();
       ++it) {
    if (static_cast<double>(it->ns) > endNs_) break;
    const double x = xAt(it->ns);
    if (x < plotLeft()) continue;
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

void TimelineWidget::paintHead(QPainter& painter) const {
  const double x = xAt(session_.ns());
  if (x < plotLeft() - 1 || x > plotLeft() + plotWidth() + 1) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme_.ui().bad, 1.5));
  painter.drawLine(QPointF(x, 6), QPointF(x, height()));
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme_.ui().bad);
  painter.drawPolygon(QPolygonF({{x - 5, 2}, {x + 5, 2}, {x, 10}}));
}

void TimelineWidget::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_.ui().panel);
  if (!session_.log()) {
    painter.setFont(theme_.body());
    painter.setPen(theme_.ui().dim);
    painter.drawText(rect(), Qt::AlignCenter, tr("No session: the timeline begins with its first event."));
    return;
  }
  const Lanes all = lanes();
  // The plan's cycle is what the picture is playing: mark it.
  if (!session_.plan().empty()) {
    const double left = std::max(xAt(session_.plan().beginNs()), plotLeft());
    const double right = std::min(xAt(session_.plan().endNs()), plotLeft() + plotWidth());
    QColor wash = theme_.ui().accent;
    wash.setAlpha(26);
    if (right > left) painter.fillRect(QRectF(left, 0, right - left, height()), wash);
  }
  paintAxis(painter, all.axis);
  paintPhases(painter, all.phases);
  paintPauses(painter, all.pauses);
  paintHeap(painter, all.heap);
  paintFlushes(painter, all.flushes);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setFont(theme_.small());
  for (const Lane* lane : {&all.phases, &all.pauses, &all.heap, &all.flushes}) {
    if (lane->box.height() < 10) continue;
    painter.setPen(theme_.ui().border);
    painter.drawLine(QPointF(0, lane->box.top()), QPointF(width(), lane->box.top()));
    painter.setPen(theme_.ui().text);
    painter.drawText(lane->box.adjusted(8, 3, 0, 0), Qt::AlignLeft | Qt::AlignTop, lane->name);
  }
  paintHead(painter);
  if (hasFocus()) {
    painter.setPen(theme_.ui().accent);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

QString TimelineWidget::describeAt(QPointF pos) const {
  const Marks& marks = session_.log()->marks();
  const Lanes all = lanes();
  const int64_t ns = nsAt(pos.x());
  const double reach = (endNs_ - beginNs_) / plotWidth() * 5;
  if (all.pauses.box.contains(pos)) {
    for (auto it = visibleFrom(marks.pauses, static_cast<double>(ns) - reach,
                               [](const auto& m) { return m.begin_ns; });
         it != marks.pauses.end() && static_cast<double>(it->begin_ns) < static_cast<double>(ns) + reach;
         ++it) {
      if (std::abs(static_cast<double>(it->begin_ns - ns)) > reach) continue;
      return tr("stop for %1, cycle %2: time to stop %3, stopped %4, world start %5; spans flushed inside: "
                "%6")
          .arg(reasonName(it->reason))
          .arg(it->cycle)
          .arg(formatDuration(static_cast<double>(it->stopped_ns - it->begin_ns)),
               formatDuration(static_cast<double>(it->released_ns - it->stopped_ns)),
               formatDuration(static_cast<double>(std::max<int64_t>(it->started_ns - it->released_ns, 0))))
          .arg(it->spans_flushed);
    }
  }
  if (all.flushes.box.contains(pos)) {
    for (auto it =
             visibleFrom(marks.flushes, static_cast<double>(ns) - reach, [](const auto& m) { return m.ns; });
         it != marks.flushes.end() && static_cast<double>(it->ns) < static_cast<double>(ns) + reach; ++it) {
      if (std::abs(static_cast<double>(it->ns - ns)) > reach) continue;
      return tr("P%1's cache flushed by %2: %3 spans, %4 swept, %5")
          .arg(it->p)
          .arg(flushCauseName(it->cause))
          .arg(it->spans)
          .arg(it->swept)
          .arg(formatDuration(it->duration_ns));
    }
  }
  if (all.heap.box.contains(pos) && !marks.heap.empty()) {
    const auto it = visibleFrom(marks.heap, static_cast<double>(ns), [](const auto& m) { return m.ns; });
    return tr("heap live %1 at %2").arg(formatBytes(it->live), formatMoment(it->ns));
  }
  return tr("%1. Click to go there, drag to move, wheel to zoom.").arg(formatMoment(ns));
}

void TimelineWidget::wheelEvent(QWheelEvent* event) {
  if (event->angleDelta().y() == 0) return;
  zoomBy(event->angleDelta().y() > 0 ? 0.8 : 1.25, event->position().x());
}

void TimelineWidget::mousePressEvent(QMouseEvent* event) {
  pressed_ = event->position();
  pressedBegin_ = beginNs_;
  dragging_ = false;
  scrubbing_ = event->position().y() < kAxisHeight && session_.log();
  if (scrubbing_) emit seekRequested(nsAt(event->position().x()));
}

void TimelineWidget::mouseMoveEvent(QMouseEvent* event) {
  if (!session_.log()) return;
  if (scrubbing_ && event->buttons()) return emit seekRequested(nsAt(event->position().x()));
  if (event->buttons() & Qt::LeftButton) {
    const double moved = event->position().x() - pressed_.x();
    if (!dragging_ && std::abs(moved) < 5) return;
    dragging_ = true;
    following_ = false;
    const double span = endNs_ - beginNs_;
    beginNs_ = pressedBegin_ - moved / plotWidth() * span;
    endNs_ = beginNs_ + span;
    return update();
  }
  emit hovered(describeAt(event->position()));
}

void TimelineWidget::mouseReleaseEvent(QMouseEvent* event) {
  if (!dragging_ && !scrubbing_ && session_.log() && event->position().x() >= plotLeft()) {
    emit seekRequested(nsAt(event->position().x()));
  }
  scrubbing_ = dragging_ = false;
}

void TimelineWidget::mouseDoubleClickEvent(QMouseEvent*) {
  following_ = true;
  follow();
  update();
}

void TimelineWidget::leaveEvent(QEvent*) { emit hovered({}); }

void TimelineWidget::keyPressEvent(QKeyEvent* event) {
  const double centre = plotLeft() + plotWidth() / 2;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomBy(0.8, centre);
    case Qt::Key_Minus:
      return zoomBy(1.25, centre);
    case Qt::Key_0:
      return showAll();
    case Qt::Key_Left:
      return emit seekRequested(session_.ns() - static_cast<int64_t>((endNs_ - beginNs_) / 50));
    case Qt::Key_Right:
      return emit seekRequested(session_.ns() + static_cast<int64_t>((endNs_ - beginNs_) / 50));
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace sweepscope::gui
