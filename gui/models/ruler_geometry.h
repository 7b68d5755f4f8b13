// The ruler: an axis of absolute sweepgens on which columns of spans stand still while the labels -2 -1 0 +1
// +3 slide. Pure arithmetic; `turn` runs from 0 (before) over 1 (labels have slid by 2) to 2 (the view has
// re-centred).
#pragma once

#include <algorithm>
#include <cstdint>

#include "gui/models/cell_code.h"

namespace sweepscope::gui {

class RulerGeometry {
 public:
  static constexpr double kFirstDistance = -2.5, kLastDistance = 3.5;  // visible range around sg

  RulerGeometry(double left, double width, uint32_t sg, double turn)
      : left_(left),
        column_(width / (kLastDistance - kFirstDistance)),
        sg_(sg),
        turn_(std::clamp(turn, 0.0, 2.0)) {}

  double columnWidth() const { return column_; }
  // Left edge of the column of the spans whose raw sweepgen is sg + distance; they do not move while labels
  // slide.
  double columnLeft(double distance) const {
    return left_ + (distance - 0.5 - kFirstDistance + viewLag()) * column_;
  }
  // Left edge of the label "distance": lies over its column once the turn is done.
  double labelLeft(double distance) const { return columnLeft(distance - labelLag()); }
  // The distance whose label stands over the column `distance` right now decides the column's colour.
  double labelOver(double distance) const { return distance + labelLag(); }
  uint32_t sweepgen() const { return sg_; }

 private:
  // sg_ is already the new one: before the turn labels lie 2 to the left of where they will be, and so does
  // the view.
  double labelLag() const { return 2.0 * (1.0 - std::min(turn_, 1.0)); }
  double viewLag() const { return 2.0 * (2.0 - std::max(turn_, 1.0)); }

  double left_, column_;
  uint32_t sg_;
  double turn_;
};

}  // namespace sweepscope::gui
