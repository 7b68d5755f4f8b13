#include "gui/views/timeline_widget.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace sweepscope::gui {

TimelineWidget::TimelineWidget(const SessionController& session, const Theme& theme, QWidget* parent)
    : QWidget(parent), session_(session), theme_(theme) {
  setObjectName(QStringLiteral("timeline"));
  setAccessibleName(tr("Timeline: phases, pauses, heap, flushes"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
}

// Requires a session.
TimelinePicture TimelineWidget::picture() const {
  TimelineView view{static_cast<double>(width()),
                    static_cast<double>(height()),
                    beginNs_,
                    endNs_,
                    session_.ns(),
                    session_.laboratory(),
                    {},
                    session_.lost()};
  if (!session_.plan().empty()) view.plan = {session_.plan().beginNs(), session_.plan().endNs()};
  return {session_.log()->marks(), session_.log()->extent(), view, theme_};
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
  // One window per cycle: it stays while the play head crosses the cycle.
  const auto first = std::max<std::ptrdiff_t>(index - 3, 0), last = std::min(index + 2, count - 1);
  beginNs_ = std::min(now, static_cast<double>(cycles[static_cast<size_t>(first)].ns));
  endNs_ = index + 2 <= count - 1 ? static_cast<double>(cycles[static_cast<size_t>(last)].ns)
                                  : static_cast<double>(extent.last_ns);
  const double pad = (endNs_ - beginNs_) * 0.02;
  beginNs_ -= pad, endNs_ += pad;
  if (const auto gap = session_.log()->gap()) keepGapVisible(*gap, now);
  clampRange();
}

// Shows only the near end of a gap, which may be a thousand times as long as the adjacent cycles.
void TimelineWidget::keepGapVisible(const telemetry::Gap& gap, double now) {
  constexpr double kNear = 3;     // widths of the visible interval without the gap
  constexpr double kShare = 0.2;  // of the visible interval next to it
  const auto from = static_cast<double>(gap.from_ns), to = static_cast<double>(gap.to_ns);
  const double near = kNear * (endNs_ - beginNs_);
  if (now < to) {
    if (from - beginNs_ < near) endNs_ = std::min(to, from + (from - beginNs_) * kShare);
  } else if (endNs_ - to < near) {
    beginNs_ = std::max(from, to - (endNs_ - to) * kShare);
  }
}

void TimelineWidget::clampRange() {
  const double least = session_.laboratory() ? 10 : 100;  // steps, or ns
  endNs_ = std::max(endNs_, beginNs_ + least);
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
  if (!session_.log()) return;
  const auto centre = static_cast<double>(picture().nsAt(x));
  following_ = false;
  beginNs_ = centre + (beginNs_ - centre) * factor;
  endNs_ = centre + (endNs_ - centre) * factor;
  clampRange();
  update();
}

void TimelineWidget::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (session_.log()) {
    picture().paint(painter);
  } else {
    painter.fillRect(rect(), theme_.ui().panel);
    painter.setFont(theme_.body());
    painter.setPen(theme_.ui().dim);
    painter.drawText(rect(), Qt::AlignCenter,
                     tr("No session is open. The timeline starts at the first event."));
  }
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(theme_.ui().accent);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void TimelineWidget::wheelEvent(QWheelEvent* event) {
  if (event->angleDelta().y() == 0) return;
  zoomBy(event->angleDelta().y() > 0 ? 0.8 : 1.25, event->position().x());
}

void TimelineWidget::mousePressEvent(QMouseEvent* event) {
  pressed_ = event->position();
  pressedBegin_ = beginNs_;
  dragging_ = false;
  scrubbing_ = event->position().y() < TimelinePicture::kAxisHeight && session_.log();
  if (scrubbing_) emit seekRequested(picture().nsAt(event->position().x()));
}

void TimelineWidget::mouseMoveEvent(QMouseEvent* event) {
  if (!session_.log()) return;
  if (scrubbing_ && event->buttons()) return emit seekRequested(picture().nsAt(event->position().x()));
  if (event->buttons() & Qt::LeftButton) {
    const double moved = event->position().x() - pressed_.x();
    if (!dragging_ && std::abs(moved) < 5) return;
    dragging_ = true;
    following_ = false;
    const double span = endNs_ - beginNs_;
    beginNs_ = pressedBegin_ - moved / picture().plotWidth() * span;
    endNs_ = beginNs_ + span;
    return update();
  }
  emit hovered(picture().describeAt(event->position()));
}

void TimelineWidget::mouseReleaseEvent(QMouseEvent* event) {
  if (!dragging_ && !scrubbing_ && session_.log() && event->position().x() >= TimelinePicture::kPlotLeft) {
    emit seekRequested(picture().nsAt(event->position().x()));
  }
  scrubbing_ = dragging_ = false;
}

void TimelineWidget::mouseDoubleClickEvent(QMouseEvent*) { followHead(); }

void TimelineWidget::followHead() {
  following_ = true;
  dragging_ = scrubbing_ = false;
  follow();
  update();
}

void TimelineWidget::leaveEvent(QEvent*) { emit hovered({}); }

void TimelineWidget::keyPressEvent(QKeyEvent* event) {
  if (!session_.log()) return QWidget::keyPressEvent(event);
  const double centre = TimelinePicture::kPlotLeft + picture().plotWidth() / 2;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: return zoomBy(0.8, centre);
    case Qt::Key_Minus: return zoomBy(1.25, centre);
    case Qt::Key_0: return showAll();
    case Qt::Key_Left:
      return emit seekRequested(session_.ns() - static_cast<int64_t>((endNs_ - beginNs_) / 50));
    case Qt::Key_Right:
      return emit seekRequested(session_.ns() + static_cast<int64_t>((endNs_ - beginNs_) / 50));
    default: QWidget::keyPressEvent(event);
  }
}

}  // namespace sweepscope::gui
