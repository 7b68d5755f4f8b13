#include "engine/gc/pacer.h"

#include <algorithm>
#include <cmath>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD::pacer {
namespace {

constexpr double kHighestRatio = 0.95;  // of GOGC / 100: maxTriggerRatio
// Departure from the seed commit; Go got a lower end later, 0.6 and then 0.7. What a program allocates during marking is
// black, so it counts as marked and raises the next goal. The faster the program allocates, the earlier the controller
// would start the cycle, until the collector is on all the time and the heap grows without bound. A program for which
// the controller wants a lower ratio pays by assists instead.
constexpr double kLowestRatio = 0.7;        // of GOGC / 100
constexpr double kGain = 0.5;               // triggerGain
constexpr double kRoundingError = 0.3;      // maxUtilError
constexpr double kFractionalSlack = 1.2;    // pollFractionalWorkerExit
constexpr double kOvershoot = 1.1;          // maxOvershoot
constexpr uint64_t kLeastWorkLeft = 1000;   // units
constexpr double kAboveMostBytes = 0x1p63;  // kMostBytes + 1: kMostBytes itself is no double

uint64_t sum(uint64_t a, uint64_t b) {
  return a >= kMostBytes - std::min(b, kMostBytes) ? kMostBytes : a + b;
}

// Truncates and saturates. `bytes`: >= 0.
uint64_t whole(double bytes) { return bytes >= kAboveMostBytes ? kMostBytes : static_cast<uint64_t>(bytes); }

// bytes * percent / 100, exact.
uint64_t share(uint64_t bytes, uint32_t percent) {
  const uint64_t hundreds = bytes / 100;
  if (hundreds > kMostBytes / std::max(percent, 1u)) return kMostBytes;
  return sum(hundreds * percent, bytes % 100 * percent / 100);
}

}  // namespace

uint64_t heap_minimum(uint32_t gogc) { return gogc == kGcOff ? kNever : share(kHeapMinimum, gogc); }

double clamp_ratio(double ratio, uint32_t gogc) {
  if (gogc == kGcOff) return std::max(ratio, 0.0);
  return std::clamp(ratio, kLowestRatio * gogc / 100, kHighestRatio * gogc / 100);
}

Pace pace(Marking marking, const Heap& heap, uint32_t gogc, double ratio) {
  const double clamped = clamp_ratio(ratio, gogc);
  if (gogc == kGcOff) return {clamped, kNever, kNever};
  uint64_t least = heap_minimum(gogc);
  // The sweep runs in the growth from heap_live to the trigger, so it needs some.
  if (heap.sweep == Sweep::kUnderWay) least = std::max(least, sum(heap.live, share(kSweepDistance, gogc)));
  const uint64_t goal = std::max(sum(heap.marked, share(heap.marked, gogc)), least);
  if (marking == Marking::kStopped) return {clamped, goal, goal};
  const uint64_t trigger = std::max(whole(static_cast<double>(heap.marked) * (1 + clamped)), least);
  return {clamped, trigger, std::max(goal, trigger)};
}

uint64_t goal_at_start(uint64_t goal, uint64_t live) { return std::max(goal, sum(live, kRunUp)); }

uint64_t retained_free(uint64_t goal, uint64_t live) {
  if (goal == kNever) return kNever;
  const uint64_t kept = sum(goal, goal / 10);
  return kept - std::min(kept, live);
}

double utilisation(uint64_t assist_ns, uint64_t mark_ns, uint32_t procs) {
  if (mark_ns == 0) return kBackgroundUtilisation;
  return kBackgroundUtilisation +
         static_cast<double>(assist_ns) / (static_cast<double>(mark_ns) * static_cast<double>(procs));
}

uint64_t controller_basis(uint64_t marked, const Pace& pace) {
  if (pace.trigger == kNever) return marked;
  return std::max(marked, whole(static_cast<double>(pace.trigger) / (1 + pace.ratio)));
}

double next_ratio(const CycleEnd& end) {
  const double ratio = end.pace.ratio;
  if (end.start != Start::kTriggered || end.marking == Marking::kStopped || end.pace.goal == kNever)
    return ratio;
  const double basis = static_cast<double>(controller_basis(end.marked, end.pace));
  if (basis == 0) return ratio;  // GOGC 0 and nothing marked: no growth is a ratio of it
  // A goal below the marked heap: GOGC was lowered during the cycle (gcEffectiveGrowthRatio).
  const double goal_growth = std::max(static_cast<double>(end.pace.goal) / basis - 1, 0.0);
  const double growth = static_cast<double>(end.live) / basis - 1;
  const double used = utilisation(end.assist_ns, end.mark_ns, end.procs) / kGoalUtilisation;
  const double error = goal_growth - ratio - used * (growth - ratio);
  return ratio + kGain * error;
}

uint32_t budget_procs(uint32_t procs, uint32_t permits) {
  return std::clamp(std::min(procs, permits), 1u, kMaxProcs);
}

WorkerBudget worker_budget(Marking marking, uint32_t procs) {
  if (marking == Marking::kStopped) return {procs, 0, procs};
  const double goal = procs * kBackgroundUtilisation;
  uint32_t dedicated = static_cast<uint32_t>(goal + 0.5);
  if (std::abs(dedicated / goal - 1) <= kRoundingError) return {dedicated, 0, dedicated};
  if (dedicated > goal) --dedicated;
  return {dedicated, (goal - dedicated) / procs, procs};
}

bool fractional_due(double fractional, uint64_t own_ns, uint64_t mark_ns) {
  return fractional > 0 && static_cast<double>(own_ns) <= fractional * static_cast<double>(mark_ns);
}

bool fractional_done(double fractional, uint64_t own_ns, uint64_t mark_ns) {
  return static_cast<double>(own_ns) > kFractionalSlack * fractional * static_cast<double>(mark_ns);
}

AssistRatio revise(const MarkProgress& progress, uint32_t gogc) {
  const uint32_t percent = gogc == kGcOff ? kGogcWhenOff : gogc;
  uint64_t goal = std::min(progress.goal, kMostBytes);
  uint64_t expected = whole(static_cast<double>(progress.heap_scan) * 100 / (100.0 + percent));
  if (progress.live > goal || progress.scan_done > expected) {
    goal = whole(static_cast<double>(goal) * kOvershoot);
    expected = progress.heap_scan;
  }
  const uint64_t work = expected > progress.scan_done ? expected - progress.scan_done : 0;
  const double work_left = static_cast<double>(std::max(work, kLeastWorkLeft));
  const double bytes_left = goal > progress.live ? static_cast<double>(goal - progress.live) : 1;
  return {work_left / bytes_left, bytes_left / work_left};
}

uint64_t bytes_for_work(uint64_t work, const AssistRatio& ratio) {
  return sum(1, whole(static_cast<double>(work) * ratio.bytes_per_work));
}

uint64_t work_for_bytes(uint64_t bytes, const AssistRatio& ratio) {
  return whole(static_cast<double>(bytes) * ratio.work_per_byte);
}

Assist assist_for(uint64_t debt, const AssistRatio& ratio) {
  const uint64_t owed = whole(std::ceil(static_cast<double>(debt) * ratio.work_per_byte));
  const uint64_t work = std::max(owed, kAssistQuantum);
  return {work, std::max(bytes_for_work(work, ratio), debt)};
}

Steal steal_credit(const Assist& assist, int64_t credit, const AssistRatio& ratio) {
  if (credit <= 0) return {0, 0, assist.work};
  const uint64_t available = static_cast<uint64_t>(credit);
  if (available >= assist.work) return {assist.work, assist.bytes, 0};
  return {available, bytes_for_work(available, ratio), assist.work - available};
}

Payment pay_parked(uint64_t work, uint64_t debt, const AssistRatio& ratio) {
  const double units = std::ceil(static_cast<double>(debt) * ratio.work_per_byte);
  if (static_cast<double>(work) >= units) return {0, work - std::min(work, whole(units))};
  const uint64_t bytes = std::min(whole(static_cast<double>(work) * ratio.bytes_per_work), debt);
  if (bytes == 0) return {debt, work};
  return {debt - bytes, 0};
}

uint64_t to_flush(uint64_t collected, uint64_t slack) { return collected >= slack ? collected : 0; }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD::pacer
