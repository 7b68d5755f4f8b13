#include "gui/views/pacing_picture.h"

#include <QPainter>
#include <algorithm>

#include "gui/models/pacing_words.h"

namespace sweepscope::gui {

namespace {

using Mark = PacingPart::Mark;

constexpr int kBar = 170, kBarHigh = 8, kGap = 16, kSign = 9;

// The marks differ in width, not in colour: the trigger's is thin, the goal's thick.
int widthOf(Mark mark) { return mark == Mark::kGoal ? 4 : 2; }

void paintBar(QPainter& painter, const QRect& bar, const telemetry::BoardPacing& pacing,
              const CanvasPalette& palette) {
  const double scale = static_cast<double>(pacingScale(pacing));
  const auto at = [&](uint64_t bytes) {
    return bar.left() +
           static_cast<int>(static_cast<double>(bar.width()) * static_cast<double>(bytes) / scale);
  };
  painter.fillRect(bar, toColor(mix(palette.canvas, palette.dim, 35)));
  painter.fillRect(QRect(bar.topLeft(), QPoint(at(pacing.heap_live) - 1, bar.bottom())),
                   toColor(palette.dim));
  const auto mark = [&](uint64_t bytes, Mark which) {
    const int wide = widthOf(which), x = std::min(at(bytes), bar.right() + 1 - wide);
    painter.fillRect(QRect(x, bar.top() - 4, wide, bar.height() + 8), toColor(palette.text));
  };
  if (pacing.goal) mark(*pacing.goal, Mark::kGoal);
  if (pacing.trigger) mark(*pacing.trigger, Mark::kTrigger);
}

}  // namespace

void paintPacing(QPainter& painter, const QRect& box, const telemetry::BoardPacing& pacing,
                 const Theme& theme) {
  const CanvasPalette& palette = theme.canvas();
  const int middle = box.center().y();
  int x = box.left() + 5;
  if (pacing.trigger || pacing.goal) {
    paintBar(painter, QRect(x, middle - kBarHigh / 2 + 1, kBar, kBarHigh), pacing, palette);
    x += kBar + kGap;
  }
  painter.setFont(theme.body());
  painter.setPen(toColor(palette.text));
  for (const PacingPart& part : pacingParts(pacing)) {
    const int wide = painter.fontMetrics().horizontalAdvance(part.text);
    const int sign = part.mark == Mark::kNone ? 0 : kSign;
    if (x + sign + wide > box.right()) return;
    if (sign > 0) painter.fillRect(QRect(x, middle - 6, widthOf(part.mark), 14), toColor(palette.text));
    painter.drawText(QRect(x + sign, box.top(), wide + 2, box.height()), Qt::AlignVCenter, part.text);
    x += sign + wide + kGap;
  }
}

}  // namespace sweepscope::gui
