#include "engine/gc/collector.h"

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/random.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/pacing.h"
#include "engine/gc/testimony.h"
#include "engine/gc/verifier.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::Phase;
using observe::StwReason;

namespace {

constexpr uint64_t kNever = ~uint64_t{0};

}  // namespace

Collector::Collector(const Layers& layers, FlushPolicy& policy, StoppedCrew& crew, MarkPhase& marking,
                     BackgroundSweeper& sweeper, Pacing& pacing, const EngineOptions& options)
    : options_(options),
      layers_(layers),
      stops_(layers_, sweeper),
      heap_(layers.heap),
      sched_(layers.sched),
      policy_(policy),
      crew_(crew),
      marking_(marking),
      sweeper_(sweeper),
      pacing_(pacing),
      allocations_(layers.threads) {
  phase_.bind(Word::kPhase, 0);
  barrier_left_.bind(Word::kPhase, 1);
  worldsema_free_.bind(Word::kWorldSema, 0);
  last_start_ns_.store(now_ns(), std::memory_order_relaxed);  // relaxed, here and below: see there
}

// The end of a cycle needs a thread that marks. Without mark workers there may be none but those that wait for it.
bool Collector::marks_while_it_waits() const {
  return options_.concurrent_mark && options_.mark_workers == 0;
}

// Until the end of a cycle makes `done()` true. As an assist does, but for the credit.
template <class Done>
void Collector::mark_until(M& m, Done done) {
  while (!done()) {
    if (!marking_.has_work()) {
      sched_.blocking(m, [&] {
        marking_.work_for_assists.wait_until("gc: wait for work, or for the cycle to end",
                                             [&] { return done() || marking_.has_work(); });
      });
      continue;
    }
    const uint64_t begin = now_ns();
    DrainedWork work;
    const Drained how = marking_.drain(m, ~uint64_t{0}, work, [](MarkThread&) { return false; });
    if (how == Drained::kEnded) continue;
    pacing_.costs().add(m, MarkedBy::kAssist, work.scanned, now_ns() - begin - work.waited_ns);
    pacing_.credit().add_scanned(work.scanned);
    if (how == Drained::kLast) look_for_end(m, Barrier::kOwn);
  }
}

// After each wait the trigger is checked again: threads that were held back and then took a span all the same would grow
// the heap at every end of a cycle, before the next one begins.
bool Collector::collect_if_triggered(M& m) {
  ReadScope scope;
  bool waited = false;
  while (pacing_.trigger_reached()) {
    if (finish_left_cycle(m)) waited = true;  // no worker has come to it yet, and the next cycle is due
    if (!worldsema_.held() && worldsema_.try_lock(m, "gc: try worldsema")) {
      if (!pacing_.trigger_reached()) {  // any more
        give_worldsema(m);
        return waited;
      }
      witness_cycle_triggered(heap_.heap_live.peek());  // GOGC is on: no state is hashed
      gc_start(m, pacer::Start::kTriggered);
      return true;
    }
    // A cycle is under way, or a resize.
    if (!hold_back(m)) return waited;  // the next refill checks again
    waited = true;
    scope.holds(0);
  }
  return waited;
}

// A program that allocates faster than the collector marks would outgrow every goal: beyond the bound an allocator
// waits for the end of the cycle, without its P, so that stops and the flush barrier pass it by. It waits for the end
// and not for heap_live to fall, which a heap that grew need not do. Whether it waited.
bool Collector::hold_back(M& m) {
  if (fault(Fault::kNoHoldingBack) || !pacing_.bound_reached()) return false;
  const WitnessedDuty duty(Duty::kCycle);
  const uint32_t seen = cycles();
  const bool for_the_heap = fault(Fault::kHeldUntilHeapFalls);
  const auto may_go_on = [&] {
    return for_the_heap ? pacing_.below_bound() : !worldsema_.held() || cycles() != seen;
  };
  if (marks_while_it_waits())
    mark_until(m, may_go_on);
  else
    sched_.blocking(m, [&] { worldsema_free_.wait_until("gc: held back until the cycle ends", may_go_on); });
  return true;
}

void Collector::take_worldsema(M& m) {
  ReadScope scope;
  while (!worldsema_.try_lock(m, "gc: try worldsema")) {
    scope.holds(0);
    if (finish_left_cycle(m)) continue;
    const auto is_free = [this] { return !worldsema_.held(); };
    if (marks_while_it_waits())
      mark_until(m, is_free);
    else
      sched_.blocking(m, [&] { worldsema_free_.wait_until("gc: wait for worldsema", is_free); });
  }
}

void Collector::give_worldsema(M& m) {
  worldsema_.unlock(m, "gc: give worldsema");
  worldsema_free_.wake_all();
  if (marks_while_it_waits()) marking_.work_for_assists.wake_all();
}

void Collector::collect_now(M& m) {
  const ReadScope scope;
  const uint32_t mine = start(m);
  finish(m, mine);
}

uint32_t Collector::start(M& m) {
  take_worldsema(m);
  const uint32_t mine = cycle_number_ + 1;
  gc_start(m, pacer::Start::kForced);
  return mine;
}

void Collector::finish(M& m, uint32_t cycle) {
  const auto has_ended = [this, cycle] { return cycles() >= cycle; };
  if (marks_while_it_waits())
    mark_until(m, has_ended);
  else if (options_.concurrent_mark)
    sched_.blocking(m, [&] { worldsema_free_.wait_until("gc: wait for the end of the cycle", has_ended); });
  wait_for_sweep(m);
}

uint64_t Collector::due_in(uint64_t now) const {
  if (options_.periodic_gc_ns == 0 || pacing_.gogc() == kGcOff) return kNever;
  // relaxed: a hint.
  const uint64_t last = last_start_ns_.load(std::memory_order_relaxed),
                 due = last + std::min(options_.periodic_gc_ns, kNever - last);
  return due - std::min(due, now);
}

void Collector::collect_if_overdue(M& m, uint64_t now) {
  const ReadScope scope;
  if (due_in(now) > 0 || !worldsema_.try_lock(m, "gc: try worldsema")) return;
  if (due_in(now) == 0)
    gc_start(m, pacer::Start::kPeriodic);
  else
    give_worldsema(m);
}

void Collector::wait_for_cycle() {
  worldsema_free_.wait_until("gc: wait until no cycle is under way", [this] { return !worldsema_.held(); });
}

// Sweeps what is left itself, then waits for the others: claimed spans and flush barriers count as sweepers
// (I13). A turn meanwhile ends the wait too: it needs a complete sweep.
void Collector::wait_for_sweep(M& m) {
  ReadScope scope;
  const uint32_t h = heap_.gen();
  scope.holds(h);
  while (sweep_batch(m, heap_, observe::Cause::kForced)) scope.holds(h);
  policy_.help_sweep(m);
  sched_.blocking(m, [this, h] {
    heap_.sweep_completed.wait_until("gc: wait until the sweep is complete", [this, h] {
      return heap_.sweep_complete() || heap_.gen_acquire() != h;
    });
  });
}

void Collector::finish_sweep(M& m) {
  ReadScope scope;
  scope.holds(0);
  while (sweep_batch(m, heap_, observe::Cause::kFinish)) scope.holds(0);
}

// Every mcache must have been flushed since the last turn:
// the encoding carries one generation of laziness, no more.
void Collector::check_flush_gens(M& m) {
  const ReadScope scope;
  if (fault(Fault::kNoFlushBarrierNoCheck)) return;
  const uint32_t h = heap_.gen();
  for (uint32_t id = 0; id < sched_.procs(); ++id) {
    // acquire: pairs with the release at the end of each flush, so its sweeps happened before this cycle.
    const uint32_t flush_gen =
        sched_.p(id).mcache.flush_gen.load(std::memory_order_acquire, "gc_start: is this mcache flushed?");
    check(m, flush_gen == h, FatalCode::kMCacheNotFlushed, Operand{"p", id}, Operand{"flush_gen", flush_gen},
          Operand{"heap_sweepgen", h});
  }
}

void Collector::enter_phase(M& m, Phase phase) {
  // Written stopped; the start publishes it.
  phase_.store(phase, std::memory_order_relaxed, "gc: enter a phase");
  if (m.emitter.enabled()) {
    m.emitter.emit(observe::PhaseChange{
        {stamp(), observe::EventKind::kPhase, static_cast<uint8_t>(phase), observe::kNoP, cycle_number_},
        heap_.heap_live.peek(),
        heap_marked_});
  }
}

void Collector::open_record(pacer::Start start) {
  const ReadScope reported_only;
  record_ = {};
  record_.cycle = ++cycle_number_;
  record_.forced = start == pacer::Start::kForced;
  record_.periodic = start == pacer::Start::kPeriodic;
  record_.start_ns = now_ns();
  last_start_ns_.store(record_.start_ns, std::memory_order_relaxed);  // relaxed: a hint
  record_.heap_before = heap_.heap_live.peek();
  record_.goal_at_start = pacing_.goal();
}

// Under worldsema, which it gives away: concurrent marking passes it to the next transition, stopped marking frees it.
void Collector::gc_start(M& m, pacer::Start start) {
  const ReadScope scope;
  const WitnessedDuty duty(Duty::kCycle);
  open_record(start);
  finish_sweep(m);  // as much as possible before the world is stopped
  policy_.help_at_gc_start(m);
  check_flush_gens(m);
  sweep_termination(m);
  if (options_.concurrent_mark) {
    begin_marking(m);
    return;
  }
  mark_stopped(m);
  mark_termination(m);
  finish_cycle(m);
}

void Collector::sweep_termination(M& m) {
  const ReadScope scope;
  if (options_.concurrent_mark)
    stops_.stop(m, record_.sweep_termination.emplace(), StwReason::kSweepTermination, cycle_number_);
  else  // the one stop of this cycle
    stops_.stop(m, record_.mark_termination, StwReason::kMarkTermination, cycle_number_);

  finish_sweep(m);  // what a P freed for sweeping between our last check and its stop
  enter_phase(m, Phase::kSweepTermination);
  if constexpr (kLaboratory) testify(heap_, sched_, witness_gc_start_span, witness_gc_start_mcache);
  if (options_.verify) check_protocol(m, layers_, VerifyAt::kGcStart);
}

void Collector::mark_stopped(M& m) {
  ReadScope scope;
  Pause& pause = record_.mark_termination;
  const uint64_t begin = now_ns();
  record_.sweep_term_ns = begin - pause.request_ns;
  enter_phase(m, Phase::kMark);
  const MarkTotals marked = marking_.mark_stopped(m, record_.cycle);
  pause.mark_ns = record_.mark_ns = now_ns() - begin;
  note_marked(m, marked);
  scope.returns(record_.heap_marked);
}

// World stopped; it runs again when this returns, and from then on threads mark.
void Collector::begin_marking(M& m) {
  const ReadScope scope;
  enter_phase(m, Phase::kMark);
  marking_.begin(m, record_.cycle);
  pacing_.plan_marking(m, record_);
  Pause& pause = *record_.sweep_termination;
  const uint64_t done = now_ns();
  pause.pause_go_ns = done - pause.request_ns;
  stops_.start(m, pause, sched_.procs(), done);
  const uint64_t begin = now_ns();
  pacing_.marking_begins(begin);
  record_.sweep_term_ns = begin - pause.request_ns;
  // Roots have no order. Here the stacks come last, when there is nothing else to mark; the laboratory tries both.
  if constexpr (kLaboratory) {
    if (Random(0).choose("mark: scan the stacks before the other roots?", 2) != 0) marking_.round(m);
  }
  m.emitter.seal();  // ahead of the records of the thread that ends this marking
  worldsema_.disown(m);
  marking_.open();
}

Pause Collector::stopped(M& m, StwReason reason, uint32_t procs, FunctionRef<void()> work,
                         FunctionRef<void()> after) {
  const ReadScope scope;
  take_worldsema(m);
  Pause pause{};
  stops_.stop(m, pause, reason, cycle_number_);
  work();
  const uint64_t done = now_ns();
  // As in mark termination: with stopped marking Go's clock begins in a world that stands already.
  pause.pause_go_ns = done - pause.request_ns - (options_.concurrent_mark ? 0 : pause.ttsp_ns);
  stops_.start(m, pause, procs == 0 ? sched_.procs() : procs, done);
  after();
  give_worldsema(m);
  return pause;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
