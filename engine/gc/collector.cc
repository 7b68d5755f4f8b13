#include "engine/gc/collector.h"

#include <algorithm>
#include <ctime>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/random.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/background_sweeper.h"
#include "engine/gc/cycle_figures.h"
#include "engine/gc/pacing.h"
#include "engine/gc/scavenger.h"
#include "engine/gc/verifier.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::Phase;
using observe::StwReason;

namespace {

constexpr uint64_t kNever = ~uint64_t{0};

uint64_t thread_cpu_ns() {
  if constexpr (kLaboratory) return 0;
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

uint64_t total(const std::array<uint64_t, kFlushCauses>& spans) {
  uint64_t sum = 0;
  for (uint64_t n : spans) sum += n;
  return sum;
}

// Adds to the pause how long `flush` took, unless it found nothing to flush.
template <class F>
void time_flush(M& m, Pause& pause, F flush) {
  const uint64_t begin = now_ns(), spans = total(m.flushed_spans);
  flush();
  if (total(m.flushed_spans) != spans) pause.flush_ns += now_ns() - begin;
}

// Laboratory, world stopped: names every span in use and every mcache.
using Testimony = void(uint32_t subject, uint32_t generation, uint32_t h);
void testify(MHeap& heap, Sched& sched, Testimony of_span, Testimony of_mcache) {
  for (uint32_t id = 0; id < heap.span_ids(); ++id)
    if (heap.span(id).state.peek() == SpanState::kInUse)
      of_span(id, heap.span(id).sweepgen.peek(), heap.gen());
  for (uint32_t id = 0; id < sched.procs(); ++id)
    of_mcache(id, sched.p(id).mcache.flush_gen.peek(), heap.gen());
}

}  // namespace

Collector::Collector(const Layers& layers, FlushPolicy& policy, StoppedCrew& crew, MarkPhase& marking,
                     BackgroundSweeper& sweeper, Pacing& pacing, const EngineOptions& options)
    : options_(options),
      layers_(layers),
      stops_(layers_),
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
    m.cost.add(MarkedBy::kAssist, work.scanned, now_ns() - begin - work.waited_ns);
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

void Collector::look_for_end(M& m, Barrier barrier) {
  const ReadScope scope;
  const WitnessedDuty duty(Duty::kCycle);
  worldsema_.adopt(m);
  if (!marking_.round(m)) {
    worldsema_.disown(m);
    marking_.open();
    return;
  }
  record_.mark_ns = pacing_.mark_ns();
  stops_.stop(m, record_.mark_termination, StwReason::kMarkTermination, cycle_number_);
  if (!marking_.complete(m)) {
    Pause& pause = record_.mark_termination;
    const uint64_t checked = now_ns();
    pause.pause_go_ns = checked - pause.request_ns;
    stops_.start(m, pause, sched_.procs(), checked);
    record_.resumed.add(pause);
    m.emitter.seal();  // ahead of the records of the thread that ends this marking
    worldsema_.disown(m);
    marking_.open();
    return;
  }
  note_marked(m, marking_.totals());
  mark_termination(m);
  if (barrier == Barrier::kOwn || options_.mark_workers == 0 || !policy_.has_flush_barrier()) {
    finish_cycle(m);
    return;
  }
  m.emitter.seal();  // ahead of the records of the thread that takes the rest
  worldsema_.disown(m);
  barrier_left_.store(1, std::memory_order_release, "gc: leave the flush barrier to a worker");
  marking_.work_for_workers.wake_all();
  marking_.workers_rest.wake_all();
}

bool Collector::finish_left_cycle(M& m) {
  if (!barrier_left()) return false;
  uint32_t left = 1;
  // acquire: pairs with the release of the thread that left it.
  if (!barrier_left_.compare_exchange(left, 0, std::memory_order_acquire, std::memory_order_relaxed,
                                      "gc: take the flush barrier"))
    return false;
  worldsema_.adopt(m);
  finish_cycle(m);
  return true;
}

// The world runs, after mark termination.
void Collector::finish_cycle(M& m) {
  const ReadScope scope;
  const WitnessedDuty duty(Duty::kCycle);
  Pause& pause = record_.mark_termination;
  record_.flush_barrier = flush_barrier(m, pause);
  heap_.stacks.free_empty_spans(m);  // phase off, and the flushes have emptied the caches
  const uint64_t released = pause.request_ns + pause.pause_ns;
  const uint64_t restarted = sched_.first_restart_ns.load(std::memory_order_relaxed);
  pause.restart_ns = restarted > released ? restarted - released : 0;
  end_cycle(m);
}

void Collector::end_cycle(M& m) {
  record_.end_ns = now_ns();
  record_.procs = sched_.procs();
  records_.add(record_);
  if (m.emitter.enabled()) emit_cycle_figures(m.emitter, record_);
  if (options_.on_cycle) options_.on_cycle(record_);
  marking_.shrink_buffers(m);  // worldsema keeps the next marking away
  // After the hook: a thread that waits for the cycle sees it reported.
  cycles_.store(cycle_number_, std::memory_order_release);
  give_worldsema(m);
}

// World stopped, marking complete.
void Collector::note_marked(M& m, const MarkTotals& marked) {
  record_.heap_marked = heap_marked_ = marked.bytes;
  record_.marked_objects = marked.objects;
  if (options_.verify)
    objects_verified_ += check_marks(m, layers_, options_.concurrent_mark ? Marks::kFloating : Marks::kExact);
}

// Null: the coordinator flushes alone.
StoppedCrew* Collector::flush_crew() {
  const bool shared = !options_.serial_flush && sched_.procs() >= options_.shared_flush_procs;
  return shared && crew_.workers() > 1 ? &crew_ : nullptr;
}

// World stopped, marking complete.
void Collector::mark_termination(M& m) {
  const ReadScope scope;
  Pause& pause = record_.mark_termination;
  // Go's tMarkTerm: the request of a stop for mark termination, or the end of the marking inside this one.
  const uint64_t begin_go = options_.concurrent_mark ? pause.request_ns : now_ns();
  const uint64_t flushed_before = total(m.flushed_spans);
  {
    const ReadScope reported_only;
    record_.heap_end = heap_.heap_live.peek();
  }

  enter_phase(m, Phase::kMarkTermination);
  time_flush(m, pause, [&] { policy_.in_pause(m, flush_crew()); });
  // From here heap_live is what was marked; what the caches still promise is not in it (I9).
  heap_.heap_live.store(record_.heap_marked, std::memory_order_relaxed,
                        "mark termination: heap_live := marked");
  enter_phase(m, Phase::kOff);
  begin_sweep(m);
  if (options_.stw_sweep) sweep_stopped(m, pause);
  pacing_.learn(m, record_);
  record_.allocs = allocations_.take();
  pause.pause_go_ns = now_ns() - begin_go;
  if (options_.verify) check_protocol(m, layers_, VerifyAt::kAnyStop);

  policy_.before_start(m);
  pause.spans_flushed = static_cast<uint32_t>(total(m.flushed_spans) - flushed_before);
  witness_pause_flushed(pause.spans_flushed);
  stops_.start(m, pause, sched_.procs(), now_ns());
  sweeper_.wake();
  if (scavenger_ != nullptr) scavenger_->wake();
}

// Timed from here, not from the start of the world: waking the sweeper may cost this thread its core.
std::optional<FlushBarrier> Collector::flush_barrier(M& m, Pause& pause) {
  const uint64_t spans = total(m.flushed_spans), cpu = thread_cpu_ns(), begin = now_ns();
  const std::optional<BarrierResult> barrier = policy_.after_start(m, pause.request_ns + pause.pause_ns);
  if (!barrier) return std::nullopt;
  pause.gate_ns = barrier->gate_ns;
  return FlushBarrier{now_ns() - begin, thread_cpu_ns() - cpu,
                      static_cast<uint32_t>(total(m.flushed_spans) - spans)};
}

void Collector::begin_sweep(M& m) {
  check(m, phase_.peek() == Phase::kOff, FatalCode::kPhaseIsNotOff,
        Operand{"phase", static_cast<uint64_t>(phase_.peek())});
  heap_.turn(m, cycle_number_, sched_.procs());
}

// Sweeps everything before the world runs again. The spans of mcaches are in no sweeper's reach,
// so the mcaches come first (D4): otherwise the sweep calls itself complete while they are stale.
void Collector::sweep_stopped(M& m, Pause& pause) {
  ReadScope scope;
  if (heap_.repairs.flush_before_stw_sweep && !fault(Fault::kStwSweepNoFlush))
    time_flush(m, pause, [&] {
      for (uint32_t id = 0; id < sched_.procs(); ++id)
        prepare_for_sweep(m, heap_, sched_.p(id).mcache, observe::FlushCause::kStw);
    });
  while (sweep_batch(m, heap_, observe::Cause::kStw)) scope.holds(0);
  if constexpr (kLaboratory) testify(heap_, sched_, witness_stw_swept_span, witness_stw_swept_mcache);
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
