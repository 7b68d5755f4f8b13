#include "engine/gc/pacing.h"

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/threads.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// What a heap may grow to while its cycle is under way (Go: 1.1 times the goal, from where on assists do all the work).
uint64_t bound_of(uint64_t goal) {
  constexpr uint64_t kMost = pacer::kNever - pacer::kNever / 16;
  return goal > kMost ? pacer::kNever : goal + goal / 10;
}

}  // namespace

Pacing::Pacing(const Layers& layers, const EngineOptions& options)
    : layers_(layers),
      heap_(layers.heap),
      marking_(options.concurrent_mark ? pacer::Marking::kConcurrent : pacer::Marking::kStopped),
      cores_(options.cores),
      gogc_(options.gogc) {
  trigger_.bind(Word::kPacer, 0);
  goal_.bind(Word::kPacer, 1);
  bound_.bind(Word::kPacer, 2);
  dedicated_.bind(Word::kMarkWork, object(MarkWord::kDedicated));
  fractional_.bind(Word::kMarkWork, object(MarkWord::kFractional));
  const pacer::Pace first = pacer::pace(marking_, {0, 0, pacer::Sweep::kComplete}, options.gogc, ratio_);
  ratio_ = first.ratio;
  trigger_.init(first.trigger);
  goal_.init(first.goal);
  bound_.init(bound_of(first.goal));
  witness_paced(first.trigger, bound_.peek(), Paced::kAtMarkTermination);
  highest_goal_.init(first.goal);
}

// P of the pacer. Changes in a stopped world, under worldsema.
uint32_t Pacing::budget_procs() const { return pacer::budget_procs(layers_.sched.procs(), cores_); }

void Pacing::plan_marking(M& m, CycleRecord& record) {
  credit_.reset();
  costs_.begin(record.cycle);
  const uint32_t procs = budget_procs();
  const pacer::WorkerBudget budget = pacer::worker_budget(pacer::Marking::kConcurrent, procs);
  dedicated_.put(budget.dedicated);
  fractional_.put(budget.fractional * procs);
  witness_budget_planned(budget.dedicated, budget.fractional > 0 ? 1 : 0);
  Guard guard(m, heap_.lock(), "gc: lock mheap to set the goal");
  const ReadScope reported_only;
  const uint64_t goal = goal_.peek();
  if (goal != kOff) {
    const uint64_t reachable = pacer::goal_at_start(goal, heap_.heap_live.peek());
    goal_.put(reachable);
    bound_.put(bound_of(reachable));
    witness_paced(trigger_.peek(), bound_.peek(), Paced::kForMarking);
    record.goal_at_start = reachable;
    if (reachable != goal) emit(m, record.cycle);
  }
  pace_at_start_ = {ratio_, trigger_.peek(), goal_.peek()};
}

uint64_t Pacing::mark_ns() const {
  const ReadScope a_time;
  const uint64_t begin = mark_begin_ns_.peek(), now = now_ns();
  return now > begin ? now - begin : 0;
}

pacer::AssistRatio Pacing::assist_ratio() const {
  // relaxed all: a price that is a little old. Without a goal it is next to nothing whatever they are: no step.
  const bool off = goal_.peek() == kOff;
  const uint64_t goal = off ? kOff : goal_.load(std::memory_order_relaxed, "assist: what is the goal?"),
                 live = off ? heap_.heap_live.peek() : this->live();
  return pacer::revise({.heap_scan = static_cast<uint64_t>(static_cast<double>(live) * scannable_),
                        .scan_done = off ? credit_.scan_done() : credit_.scan_done_now(),
                        .live = live,
                        .goal = goal},
                       gogc_.load(std::memory_order_relaxed));
}

// World stopped.
void Pacing::sum_up_marking(CycleRecord& record) {
  const MarkCost cost = costs_.sum();
  witness_marking_paid(cost.scanned[0] + cost.scanned[1] + cost.scanned[2], cost.stolen,
                       credit_.left_stopped());
  const auto [dedicated, fractional, idle, assist] = cost.ns;
  const auto [by_dedicated, by_fractional, by_idle, by_assists] = cost.scanned;
  record.mark_work = {.dedicated_ns = dedicated,
                      .fractional_ns = fractional,
                      .idle_ns = idle,
                      .assist_ns = assist,
                      .dedicated_bytes = by_dedicated,
                      .fractional_bytes = by_fractional,
                      .idle_bytes = by_idle,
                      .assist_bytes = by_assists,
                      .credit_bytes = cost.stolen,
                      .utilisation = pacer::utilisation(assist, record.mark_ns, budget_procs()),
                      .ratio = pace_at_start_.ratio,
                      .next_ratio = 0};
  // What was allocated meanwhile is marked and not scanned, and counts as if it held no references.
  if (record.heap_marked > 0)
    scannable_ = std::min(1.0, static_cast<double>(record.mark_work.worker_bytes() + by_assists) /
                                   static_cast<double>(record.heap_marked));
}

void Pacing::learn(M& m, CycleRecord& record) {
  const ReadScope scope;
  if (marking_ == pacer::Marking::kConcurrent) sum_up_marking(record);
  Guard guard(m, heap_.lock(), "gc: lock mheap to set the trigger");
  if (marking_ == pacer::Marking::kConcurrent)
    ratio_ = pacer::next_ratio({.start = record.forced     ? pacer::Start::kForced
                                         : record.periodic ? pacer::Start::kPeriodic
                                                           : pacer::Start::kTriggered,
                                .marking = pacer::Marking::kConcurrent,
                                .pace = pace_at_start_,
                                .marked = paced_marked_,
                                .live = record.heap_end,
                                .assist_ns = record.mark_work.assist_ns,
                                .mark_ns = record.mark_ns,
                                .procs = budget_procs()});
  paced_marked_ = record.heap_marked;
  paced_cycle_ = record.cycle;
  pace_locked(m, Paced::kAtMarkTermination);
  remember_goal();
  record.mark_work.next_ratio = ratio_;
  record.trigger = trigger_.peek();
  record.goal = goal_.peek();
}

// Not under worldsema, whose holder may mark for a long time (Go: gcSetGCPercent takes the heap's lock).
// During a cycle the marked heap is still the last one's; mark termination paces anew.
void Pacing::set_gogc(uint32_t percent) {
  M& m = layers_.threads.borrow();
  {
    Guard guard(m, heap_.lock(), "set_gogc: lock mheap");
    gogc_.store(percent, std::memory_order_relaxed);  // relaxed: read under the same lock
    pace_locked(m, Paced::kByGogc);
    goals_.fill(0);  // another setting: what the heap had before it will not come again
    remember_goal();
    m.emitter.seal();  // under the lock, so that the last event is about the trigger that holds
  }
  layers_.threads.give_back(m);
}

// The world may be running: heap_live may fall below its new basis later, when a full mcache is flushed (D6).
// An allocator that pays while the line moves sweeps a little more or less.
void Pacing::pace_locked(M& m, Paced when) {
  const ReadScope reported_only;
  const pacer::Sweep sweep = heap_.sweep_complete() ? pacer::Sweep::kComplete : pacer::Sweep::kUnderWay;
  const pacer::Pace pace = pacer::pace(marking_, {paced_marked_, heap_.heap_live.peek(), sweep},
                                       gogc_.load(std::memory_order_relaxed), ratio_);
  ratio_ = pace.ratio;
  witness_paced(pace.trigger, bound_of(pace.goal), when);
  // relaxed, as all of the three: see goal_.
  trigger_.store(pace.trigger, std::memory_order_relaxed, "gc: set the trigger");
  // No step while they stay off: no thread compares heap_live with them.
  if (goal_.peek() != pace.goal) {
    goal_.store(pace.goal, std::memory_order_relaxed, "gc: set the goal");
    bound_.store(bound_of(pace.goal), std::memory_order_relaxed, "gc: set the bound");
  }
  heap_.credit.rebase(heap_, pace.trigger);
  emit(m, paced_cycle_);
}

// Under mheap.lock.
void Pacing::remember_goal() {
  goals_[paced_cycle_ % kRememberedGoals] = goal_.peek();
  highest_goal_.put(*std::max_element(goals_.begin(), goals_.end()));
}

// Under mheap.lock, or before any other thread runs.
void Pacing::emit(M& m, uint32_t cycle) {
  if (!m.emitter.enabled()) return;
  m.emitter.emit(observe::Pacer{
      {stamp(), observe::EventKind::kPacer, 0, observe::kNoP, cycle}, trigger_.peek(), goal_.peek()});
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
