// Pacing: when a cycle begins, what the heap may grow to, and what concurrent marking costs whom. Holds what the pure
// functions of pacer.h are asked about and what they answered: the state between two cycles and the plan of the one
// that marks.
//
//   allocators           trigger_reached, bound_reached
//   workers and assists  credit, costs, assist_ratio, dedicated_workers, fractional_share, mark_ns
//   the collector        plan_marking and learn, in the stops that begin and end marking
//   any thread           set_gogc
#pragma once

#include <array>
#include <atomic>
#include <optional>

#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/layers.h"
#include "engine/gc/mark/mark_costs.h"
#include "engine/gc/mark/mark_credit.h"
#include "engine/gc/pacer.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Pacing {
 public:
  Pacing(const Layers& layers, const EngineOptions& options);

  // Before any other thread runs: reports the trigger and the goal of the first cycle.
  void emit_start(M& m) { emit(m, 0); }
  // By any thread, also during a cycle: trigger, goal and sweep slope change now, together.
  void set_gogc(uint32_t percent);
  uint32_t gogc() const { return gogc_.load(std::memory_order_relaxed); }  // relaxed: a setting
  uint64_t trigger() const { return trigger_.peek(); }
  uint64_t goal() const { return goal_.peek(); }
  // Bytes, by the last complete mark; nothing before the first one. Under mheap.lock, or between two steps.
  std::optional<uint64_t> last_marked() const {
    return paced_cycle_ == 0 ? std::nullopt : std::optional(paced_marked_);
  }
  // Bytes, for the scavenger: the highest goal of the last kRememberedGoals cycles. What is marked varies from cycle to
  // cycle by what was allocated black, and the goal by twice as much; the heap needs again what it had then.
  uint64_t highest_goal() const { return highest_goal_.peek(); }

  // relaxed: a stale value starts the cycle, or holds an allocator back, a little later. No step while they are off: a
  // GOGC that comes a moment later finds the caller at its next refill.
  bool trigger_reached() const {
    if (trigger_.peek() == kOff) return false;
    ReadScope scope;
    return scope.returns(
        live() >= trigger_.load(std::memory_order_relaxed, "pacer: at what heap_live does a cycle start?"));
  }
  bool bound_reached() const {
    if (bound_.peek() == kOff) return false;
    ReadScope scope;
    // relaxed: as above.
    return scope.returns(live() >=
                         bound_.load(std::memory_order_relaxed, "pacer: what may the heap grow to?"));
  }
  // For predicates.
  bool below_bound() const { return heap_.heap_live.peek() < bound_.peek(); }

  // The plan of the cycle that marks.
  MarkCredit& credit() { return credit_; }
  MarkCosts& costs() { return costs_; }
  // base/state.h. The ratio and what it follows from make a difference with GOGC on only.
  template <class State>
  void add_state(State& to) const {
    to.add(trigger_);
    to.add(goal_);
    to.add(bound_);
    to.leave_out(highest_goal_, "read by the scavenger alone, which makes a choice of it in the laboratory");
    to.add(gogc());
    credit_.add_state(to);
    to.add(dedicated_);
    to.add(fractional_);
    to.leave_out(mark_begin_ns_,
                 "a time: reported only, since in the laboratory the end of a share is a choice");
  }
  pacer::AssistRatio assist_ratio() const;
  uint32_t dedicated_workers() const { return dedicated_.peek(); }
  double fractional_share() const { return fractional_.peek(); }  // of one worker's time, 0..1
  uint64_t mark_ns() const;                                       // since marking began

  // World stopped. The budget of the workers, and the goal that the assists aim at, which `record` gets.
  void plan_marking(M& m, CycleRecord& record);
  void marking_begins(uint64_t now) {  // the world runs again
    const ReadScope a_time;
    mark_begin_ns_.put(now);
  }
  // World stopped, marking complete: the controller learns from this cycle, and the next one is paced. `record` gets
  // the work by kind, and the next trigger and goal.
  void learn(M& m, CycleRecord& record);

 private:
  static constexpr uint64_t kOff = ~uint64_t{0};

  uint64_t live() const {  // relaxed: a counter, of which an allocator's own part is current
    return heap_.heap_live.load(std::memory_order_relaxed, "pacer: how much is heap_live?");
  }
  uint32_t budget_procs() const;
  void sum_up_marking(CycleRecord& record);
  void pace_locked(M& m, Paced when);
  void remember_goal();
  void emit(M& m, uint32_t cycle);

  Layers layers_;
  MHeap& heap_;
  const pacer::Marking marking_;
  const uint32_t cores_;
  // heap_live in bytes; ~0 = off. Written under mheap.lock, together. relaxed: a stale value starts a cycle late, or
  // holds back or charges for marking a little too long.
  Shared<uint64_t> trigger_, goal_, bound_;
  // Of this cycle and those before it; under mheap.lock. relaxed: the scavenger may see the highest one a little late.
  static constexpr size_t kRememberedGoals = 4;
  std::array<uint64_t, kRememberedGoals> goals_{};
  Shared<uint64_t> highest_goal_;
  std::atomic<uint32_t> gogc_;         // relaxed: a setting; written under mheap.lock
  uint64_t paced_marked_ = 0;          // bytes: the basis of the trigger; under mheap.lock
  uint32_t paced_cycle_ = 0;           // whose marked heap that is; under mheap.lock
  double ratio_ = pacer::kFirstRatio;  // of the trigger: growth over the marked heap; under mheap.lock

  MarkCredit credit_;
  MarkCosts costs_;
  // Of the cycle that marks; the begin of marking is written once the world runs. relaxed: a thread that is not
  // stopped, because it owns no P, may see those of the last cycle and then does a little too much or too little.
  Shared<uint32_t> dedicated_;
  Shared<double> fractional_;
  Shared<uint64_t> mark_begin_ns_;
  double scannable_ = 1;  // share of the marked heap that was scanned last time; written in a stopped world
  pacer::Pace pace_at_start_{};  // what the cycle under way runs by
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
