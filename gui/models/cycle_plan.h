// Spreads one finished cycle over seconds that a viewer can follow: piecewise linear from screen time to engine
// time. Pure.
//
// On one scale with a mark of 14 ms, a pause of 25 us would be invisible, so every phase gets a minimum share.
// The scale therefore differs by phase and is printed.
#pragma once

#include <cstdint>
#include <vector>

#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct PlanSegment {
  telemetry::Phase phase;
  int64_t beginNs, endNs;
  double beginS, endS;
  double nsPerSecond() const { return static_cast<double>(endNs - beginNs) / (endS - beginS); }
};

class CyclePlan {
 public:
  CyclePlan() = default;
  // Cycle `index` of marks.cycles; it must be followed by another. `sweepEndNs`: when most of its sweeping
  // was complete (0 if unknown); the sweep at the start of the long phase after the turn then gets its own
  // segment.
  static CyclePlan of(const telemetry::Marks& marks, size_t index, double seconds, int64_t sweepEndNs);

  bool empty() const { return segments_.empty(); }
  uint32_t cycle() const { return cycle_; }
  int64_t beginNs() const { return segments_.front().beginNs; }
  int64_t endNs() const { return segments_.back().endNs; }
  double seconds() const { return segments_.empty() ? 0 : segments_.back().endS; }
  int64_t nsAt(double s) const;
  double secondsAt(int64_t ns) const;
  const PlanSegment& segmentAt(double s) const;
  const std::vector<PlanSegment>& segments() const { return segments_; }

 private:
  std::vector<PlanSegment> segments_;
  uint32_t cycle_ = 0;
};

}  // namespace sweepscope::gui
