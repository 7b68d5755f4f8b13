#include "gui/models/cycle_plan.h"

#include <algorithm>

namespace sweepscope::gui {

using telemetry::Phase;

CyclePlan CyclePlan::of(const telemetry::Marks& marks, size_t index, double seconds, int64_t sweepEndNs) {
  CyclePlan plan;
  if (index + 1 >= marks.cycles.size()) return plan;
  const int64_t begin = marks.cycles[index].ns, end = marks.cycles[index + 1].ns;
  plan.cycle_ = marks.cycles[index].cycle;

  const auto add = [&](Phase phase, int64_t from, int64_t to) {
    if (to > from) plan.segments_.push_back({phase, from, to, 0, 0});
  };
  auto mark = std::lower_bound(marks.phases.begin(), marks.phases.end(), begin,
                               [](const telemetry::PhaseMark& m, int64_t ns) { return m.ns < ns; });
  int64_t at = begin;
  Phase phase = Phase::kSweepTermination;
  for (; mark != marks.phases.end() && mark->ns < end; ++mark) {
    add(phase, at, mark->ns);
    at = std::max(at, mark->ns), phase = mark->phase;
  }
  if (phase == Phase::kOff && sweepEndNs > at && sweepEndNs < end) {
    add(phase, at, sweepEndNs);
    at = sweepEndNs;
  }
  add(phase, at, end);
  if (plan.segments_.empty()) return plan;

  // Each segment gets its minimum share; the rest of the time is divided by duration.
  const double least = std::min(0.5, seconds / static_cast<double>(2 * plan.segments_.size())) *
                       (seconds > 6 ? seconds / 6 : 1);
  const double rest = seconds - least * static_cast<double>(plan.segments_.size());
  const auto total = static_cast<double>(end - begin);
  double s = 0;
  for (PlanSegment& segment : plan.segments_) {
    segment.beginS = s;
    s += least + rest * static_cast<double>(segment.endNs - segment.beginNs) / total;
    segment.endS = s;
  }
  return plan;
}

const PlanSegment& CyclePlan::segmentAt(double s) const {
  for (const PlanSegment& segment : segments_) {
    if (s < segment.endS) return segment;
  }
  return segments_.back();
}

int64_t CyclePlan::nsAt(double s) const {
  const PlanSegment& segment = segmentAt(s);
  const double share = std::clamp((s - segment.beginS) / (segment.endS - segment.beginS), 0.0, 1.0);
  return segment.beginNs + static_cast<int64_t>(share * static_cast<double>(segment.endNs - segment.beginNs));
}

double CyclePlan::secondsAt(int64_t ns) const {
  for (const PlanSegment& segment : segments_) {
    if (ns >= segment.endNs) continue;
    const double share =
        static_cast<double>(ns - segment.beginNs) / static_cast<double>(segment.endNs - segment.beginNs);
    return segment.beginS + std::clamp(share, 0.0, 1.0) * (segment.endS - segment.beginS);
  }
  return seconds();
}

}  // namespace sweepscope::gui
