// The missing stretches of the session: a hatched gap over all lanes.
#include <QPainter>
#include <algorithm>

#include "gui/views/timeline_picture.h"

namespace sweepscope::gui {

namespace {

constexpr double kLeastWidth = 3, kRoomForWords = 60;  // pixels

}  // namespace

std::pair<double, double> TimelinePicture::shownOf(const telemetry::LostStretch& lost) const {
  double left = xAt(static_cast<int64_t>(lost.from_ns)), right = xAt(static_cast<int64_t>(lost.to_ns));
  if (right - left < kLeastWidth) {
    left = (left + right - kLeastWidth) / 2;
    right = left + kLeastWidth;
  }
  return {std::max(left, kPlotLeft), std::min(right, kPlotLeft + plotWidth())};
}

// Covers what the lanes drew between the last mark before and the first mark after the gap, which is unknown.
void TimelinePicture::paintLost(QPainter& painter) const {
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setFont(theme_.small());
  for (const telemetry::LostStretch& lost : view_.lost) {
    const auto [left, right] = shownOf(lost);
    if (right <= left) continue;
    const QRectF box(left, kAxisHeight, right - left, view_.height - kAxisHeight);
    painter.fillRect(box, theme_.ui().panel);
    painter.fillRect(box, QBrush(theme_.ui().dim, Qt::BDiagPattern));
    painter.setPen(theme_.ui().dim);
    painter.drawLine(box.topLeft(), box.bottomLeft());
    painter.drawLine(box.topRight(), box.bottomRight());
    if (box.width() < kRoomForWords) continue;
    const QRectF words(box.center().x() - 20, box.center().y() - 9, 40, 18);
    painter.fillRect(words, theme_.ui().panel);
    painter.drawText(words, Qt::AlignCenter, tr("lost"));
  }
}

const telemetry::LostStretch* TimelinePicture::lostAt(QPointF pos) const {
  const auto found = std::find_if(view_.lost.begin(), view_.lost.end(), [&](const auto& lost) {
    const auto [left, right] = shownOf(lost);
    return left - 1 <= pos.x() && pos.x() <= right + 1 && left < right;
  });
  return pos.x() < kPlotLeft || pos.y() < kAxisHeight || found == view_.lost.end() ? nullptr : &*found;
}

}  // namespace sweepscope::gui
