// The ruler: an axis of absolute sweepgens on which the columns of spans are fixed while the labels -2 -1 0 +1
// +3 slide. Pure arithmetic; `turn` runs from 0 (before) over 1 (labels have slid by 2) to 2 (the view has
// re-centred). A column is a distance to sg; the visible range grows if spans are at distances that no
// correct run produces.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sweepscope::gui {

struct RulerRange {
  int first = -2, last = 3;  // distances to sg, both with a column
};

// Seconds on screen of the two halves of a turn. They follow the play head: while it stops, the labels stop.
inline constexpr double kSlideSeconds = 0.45, kCentreSeconds = 0.35;

// The progress of a turn when `share` of those seconds has passed.
inline double turnAt(double share) {
  const auto ease = [](double t) { return t * t * (3 - 2 * t); };
  const double seconds = share * (kSlideSeconds + kCentreSeconds);
  if (seconds >= kSlideSeconds + kCentreSeconds) return 2;
  return seconds < kSlideSeconds ? ease(seconds / kSlideSeconds)
                                 : 1 + ease((seconds - kSlideSeconds) / kCentreSeconds);
}

class RulerGeometry {
 public:
  RulerGeometry(double left, double width, uint32_t sg, double turn, RulerRange range = {})
      : left_(left),
        column_(width / (range.last - range.first + 1)),
        first_(range.first),
        sg_(sg),
        turn_(std::clamp(turn, 0.0, 2.0)) {}

  double columnWidth() const { return column_; }
  // Left edge of the column of the spans whose raw sweepgen is sg + distance; fixed while labels slide.
  double columnLeft(double distance) const { return left_ + (distance - first_ + viewLag()) * column_; }
  // Left edge of the label "distance": over its column once the turn is complete.
  double labelLeft(double distance) const { return columnLeft(distance - labelLag()); }
  uint32_t sweepgen() const { return sg_; }

 private:
  // sg_ is already the new one: before the turn labels lie 2 to the left of where they will be, and so does
  // the view.
  double labelLag() const { return 2.0 * (1.0 - std::min(turn_, 1.0)); }
  double viewLag() const { return 2.0 * (2.0 - std::max(turn_, 1.0)); }

  double left_, column_;
  int first_;
  uint32_t sg_;
  double turn_;
};

}  // namespace sweepscope::gui
