#include "engine/gc/collector.h"

#include <algorithm>
#include <ctime>
#include <limits>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/background_sweeper.h"
#include "engine/gc/verifier.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::Phase;
using observe::StwEdge;
using observe::StwReason;

namespace {

constexpr uint64_t kOff = ~uint64_t{0};
constexpr uint64_t kMinimumHeap = 4 << 20;  // bytes at GOGC 100 (Go's heapMinimum)

uint64_t thread_cpu_ns() {
  if constexpr (kLaboratory) return 0;
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

// What a heap may grow to while its cycle is under way (Go: 1.1 times the goal, from where on assists do all the work).
uint64_t bound_of(uint64_t goal) { return goal > kOff - kOff / 16 ? kOff : goal + goal / 10; }

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

}  // namespace

Collector::Collector(const Layers& layers, FlushPolicy& policy, MarkPhase& marking,
                     BackgroundSweeper& sweeper, const EngineOptions& options)
    : options_(options),
      layers_(layers),
      heap_(layers.heap),
      sched_(layers.sched),
      policy_(policy),
      marking_(marking),
      sweeper_(sweeper),
      gogc_(options.gogc) {
  phase_.bind(Word::kPhase, 0);
  worldsema_free_.bind(Word::kWorldSema, 0);
  const uint32_t gogc = options.gogc;
  const uint64_t first = gogc == kGcOff ? kOff : kMinimumHeap * gogc / 100;
  trigger_.init(first);
  bound_.init(bound_of(first));
}

void Collector::collect_if_triggered(M& m) {
  const ReadScope scope;
  // relaxed both: a stale value starts the cycle a little later.
  if (heap_.heap_live.peek() < trigger_.peek()) [[likely]]
    return;
  // The holder of worldsema is collecting or resizing; the next refill checks again.
  if (!worldsema_.try_lock(m, "gc: try worldsema")) {
    hold_back(m);
    return;
  }
  if (heap_.heap_live.peek() >= trigger_.peek()) cycle(m, false);
  worldsema_.unlock(m, "gc: give worldsema");
  worldsema_free_.wake_all();
}

// A program that allocates faster than the collector marks would outgrow every goal: beyond the bound an allocator
// waits for the end of the cycle, without its P, so that stops and the flush barrier pass it by. It waits for the end and
// not for heap_live to fall, which a heap that grew need not do.
void Collector::hold_back(M& m) {
  // relaxed: stale values only shift the limit a little.
  if (heap_.heap_live.peek() < bound_.peek()) return;
  const uint32_t seen = cycles();
  sched_.blocking(m, [this, seen] {
    worldsema_free_.wait_until("gc: held back until the cycle ends",
                               [this, seen] { return !worldsema_.held() || cycles() != seen; });
  });
}

void Collector::take_worldsema(M& m) {
  ReadScope scope;
  while (!worldsema_.try_lock(m, "gc: try worldsema")) {
    scope.holds(0);
    sched_.blocking(m, [this] {
      worldsema_free_.wait_until("gc: wait for worldsema", [this] { return !worldsema_.held(); });
    });
  }
}

void Collector::collect_now(M& m) {
  const ReadScope scope;
  take_worldsema(m);
  cycle(m, true);
  worldsema_.unlock(m, "gc: give worldsema");
  worldsema_free_.wake_all();
  wait_for_sweep(m);
}

// Sweeps what is left itself, then waits for the others: claimed spans and flush barriers count as sweepers
// (I13). A turn meanwhile ends the wait too: it needs a complete sweep.
void Collector::wait_for_sweep(M& m) {
  ReadScope scope;
  const uint32_t h = heap_.gen();
  while (sweep_one(m, heap_, observe::Cause::kForced)) scope.holds(0);
  policy_.help_sweep(m);
  sched_.blocking(m, [this, h] {
    heap_.sweep_completed.wait_until("gc: wait until the sweep is complete", [this, h] {
      return heap_.sweep_complete() || heap_.gen_acquire() != h;
    });
  });
}

void Collector::finish_sweep(M& m) {
  ReadScope scope;
  while (sweep_one(m, heap_, observe::Cause::kFinish)) scope.holds(0);
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

// `ns`: since the edge before.
void Collector::edge(M& m, StwEdge edge, const Pause& pause, uint64_t ns) {
  if (!m.emitter.enabled()) return;
  const auto at_most_4_s = [](uint64_t n) {
    return static_cast<uint32_t>(std::min<uint64_t>(n, std::numeric_limits<uint32_t>::max()));
  };
  m.emitter.emit(observe::Stw{
      {stamp(), observe::EventKind::kStw, static_cast<uint8_t>(edge), observe::kNoP, cycle_number_},
      pause.reason,
      {},
      at_most_4_s(ns),
      edge == StwEdge::kReleased  ? at_most_4_s(pause.flush_ns)
      : edge == StwEdge::kStarted ? at_most_4_s(pause.mark_ns)
                                  : sched_.world.running(),
      edge == StwEdge::kReleased ? pause.spans_flushed : 0});
}

void Collector::cycle(M& m, bool forced) {
  const ReadScope scope;
  const WitnessedDuty duty(Duty::kCycle);
  CycleRecord record{};
  record.cycle = ++cycle_number_;
  record.forced = forced;
  record.start_ns = now_ns();
  {
    const ReadScope reported_only;
    record.heap_before = heap_.heap_live.peek();
  }
  record.goal_at_start = trigger_.peek();  // the goal is the trigger

  finish_sweep(m);  // as much as possible before the world is stopped
  policy_.help_at_gc_start(m);
  check_flush_gens(m);
  sweep_termination(m, record);
  options_.concurrent_mark ? mark_concurrently(m, record) : mark_stopped(m, record);
  mark_termination(m, record);

  record.end_ns = now_ns();
  record.procs = sched_.procs();
  records_.push_back(record);
  if (records_.size() > kKeptCycles) records_.pop_front();
  cycles_.store(cycle_number_, std::memory_order_release);
  if (options_.on_cycle) options_.on_cycle(record);
}

void Collector::sweep_termination(M& m, CycleRecord& record) {
  const ReadScope scope;
  if (options_.concurrent_mark)
    stop_world(m, record.sweep_termination.emplace(), StwReason::kSweepTermination);
  else  // the one stop of this cycle
    stop_world(m, record.mark_termination, StwReason::kMarkTermination);

  finish_sweep(m);  // what a P freed for sweeping between our last check and its stop
  enter_phase(m, Phase::kSweepTermination);
  if constexpr (kLaboratory) {
    for (uint32_t id = 0; id < heap_.span_ids(); ++id)
      if (heap_.span(id).state.peek() == SpanState::kInUse)
        witness_gc_start_span(id, heap_.span(id).sweepgen.peek(), heap_.gen());
    for (uint32_t id = 0; id < sched_.procs(); ++id)
      witness_gc_start_mcache(id, sched_.p(id).mcache.flush_gen.peek(), heap_.gen());
  }
  if (options_.verify) check_protocol(m, layers_, VerifyAt::kGcStart);
}

void Collector::mark_stopped(M& m, CycleRecord& record) {
  ReadScope scope;
  Pause& pause = record.mark_termination;
  const uint64_t begin = now_ns();
  record.sweep_term_ns = begin - pause.request_ns;
  enter_phase(m, Phase::kMark);
  const MarkTotals marked = marking_.mark_stopped(m, record.cycle);
  pause.mark_ns = record.mark_ns = now_ns() - begin;
  note_marked(m, record, marked);
  scope.returns(record.heap_marked);
}

void Collector::mark_concurrently(M& m, CycleRecord& record) {
  ReadScope scope;
  enter_phase(m, Phase::kMark);
  marking_.begin(m, record.cycle);
  Pause& first = *record.sweep_termination;
  const uint64_t done = now_ns();
  first.pause_go_ns = done - first.request_ns;
  start_world(m, first, sched_.procs(), done);
  const uint64_t begin = now_ns();
  record.sweep_term_ns = begin - first.request_ns;
  while (true) {
    marking_.advance(m);
    record.mark_ns = now_ns() - begin;
    stop_world(m, record.mark_termination, StwReason::kMarkTermination);
    Pause& pause = record.mark_termination;
    if (marking_.complete(m)) break;
    const uint64_t checked = now_ns();
    pause.pause_go_ns = checked - pause.request_ns;
    start_world(m, pause, sched_.procs(), checked);
    record.resumed.push_back(pause);
  }
  note_marked(m, record, marking_.totals());
  scope.returns(record.heap_marked);
}

// World stopped, marking complete.
void Collector::note_marked(M& m, CycleRecord& record, const MarkTotals& marked) {
  record.heap_marked = heap_marked_ = marked.bytes;
  record.marked_objects = marked.objects;
  if (options_.verify)
    objects_verified_ += check_marks(m, layers_, options_.concurrent_mark ? Marks::kFloating : Marks::kExact);
}

// World stopped, marking complete.
void Collector::mark_termination(M& m, CycleRecord& record) {
  const ReadScope scope;
  Pause& pause = record.mark_termination;
  // Go's tMarkTerm: the request of a stop for mark termination, or the end of the marking inside this one.
  const uint64_t begin_go = options_.concurrent_mark ? pause.request_ns : now_ns();
  const uint64_t flushed_before = total(m.flushed_spans);
  {
    const ReadScope reported_only;
    record.heap_end = heap_.heap_live.peek();
  }

  enter_phase(m, Phase::kMarkTermination);
  time_flush(m, pause, [&] { policy_.in_pause(m); });
  // From here heap_live is what was marked; what the caches still promise is not in it (I9).
  heap_.heap_live.store(record.heap_marked, std::memory_order_relaxed,
                        "mark termination: heap_live := marked");
  enter_phase(m, Phase::kOff);
  begin_sweep(m);
  if (options_.stw_sweep) sweep_stopped(m, pause);
  set_trigger(m, record);
  pause.pause_go_ns = now_ns() - begin_go;
  if (options_.verify) check_protocol(m, layers_, VerifyAt::kAnyStop);

  policy_.before_start(m);
  pause.spans_flushed = static_cast<uint32_t>(total(m.flushed_spans) - flushed_before);
  start_world(m, pause, sched_.procs(), now_ns());
  if (fault(Fault::kProcresizeSkipsCurrent)) allocate_before_barrier(m);
  sweeper_.wake();
  record.flush_barrier = flush_barrier(m, pause);
  heap_.stacks.free_empty_spans(m);  // phase off, and the flushes have emptied the caches
  const uint64_t released = pause.request_ns + pause.pause_ns;
  const uint64_t restarted = sched_.first_restart_ns.load(std::memory_order_relaxed);
  pause.restart_ns = restarted > released ? restarted - released : 0;
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
  while (sweep_one(m, heap_, observe::Cause::kStw)) scope.holds(0);
  if constexpr (kLaboratory) {
    for (uint32_t id = 0; id < heap_.span_ids(); ++id)
      if (heap_.span(id).state.peek() == SpanState::kInUse)
        witness_stw_swept_span(id, heap_.span(id).sweepgen.peek(), heap_.gen());
    for (uint32_t id = 0; id < sched_.procs(); ++id)
      witness_stw_swept_mcache(id, sched_.p(id).mcache.flush_gen.peek(), heap_.gen());
  }
}

void Collector::set_trigger(M& m, CycleRecord& record) {
  const ReadScope scope;
  Guard guard(m, heap_.lock(), "gc: lock mheap to set the trigger");
  paced_marked_ = record.heap_marked;
  pace_locked(m, record.cycle);
  record.trigger = record.goal = trigger_.peek();
}

// Not under worldsema, whose holder may mark for a long time (Go: gcSetGCPercent takes the heap's lock).
// During a cycle the marked heap is still the last one's; mark termination paces anew.
void Collector::set_gogc(uint32_t percent) {
  M& m = layers_.threads.borrow();
  {
    Guard guard(m, heap_.lock(), "set_gogc: lock mheap");
    gogc_.store(percent, std::memory_order_relaxed);  // relaxed: read under the same lock
    pace_locked(m, cycles());
    m.emitter.seal();  // under the lock, so that the last event is about the trigger that holds
  }
  layers_.threads.give_back(m);
}

// The world may be running: heap_live may fall below its new basis later, when a full mcache is flushed (D6).
// An allocator that pays while the line moves sweeps a little more or less.
void Collector::pace_locked(M& m, uint32_t cycle) {
  const uint32_t gogc = gogc_.load(std::memory_order_relaxed);
  uint64_t trigger = kOff;
  if (gogc != kGcOff) {
    const uint64_t growth =
        paced_marked_ / 100 < kOff / 2 / std::max(gogc, 1u) ? paced_marked_ / 100 * gogc : kOff / 2;
    trigger = std::max(paced_marked_ + growth, kMinimumHeap * gogc / 100);
  }
  trigger_.store(trigger, std::memory_order_relaxed, "gc: set the trigger");
  bound_.put(bound_of(trigger));
  heap_.credit.rebase(heap_, trigger);
  emit_pacing(m, cycle);
}

// The goal is the trigger: there is no pacer yet.
void Collector::emit_pacing(M& m, uint32_t cycle) {
  if (!m.emitter.enabled()) return;
  const uint64_t trigger = trigger_.peek();
  m.emitter.emit(
      observe::Pacer{{stamp(), observe::EventKind::kPacer, 0, observe::kNoP, cycle}, trigger, trigger});
}

void Collector::stop_world(M& m, Pause& pause, StwReason reason) {
  pause = {};
  pause.reason = reason;
  pause.cycle = cycle_number_;
  pause.request_ns = now_ns();
  edge(m, StwEdge::kRequested, pause, 0);
  sched_.stop(m);
  pause.ttsp_ns = now_ns() - pause.request_ns;
  // What a parked sweeper emitted belongs to this epoch.
  layers_.threads.for_each([](M& thread) { thread.emitter.seal(); });
  edge(m, StwEdge::kStopped, pause, pause.ttsp_ns);
}

// `done`: when the stopped work ended.
void Collector::start_world(M& m, Pause& pause, uint32_t procs, uint64_t done) {
  edge(m, StwEdge::kReleased, pause, done - pause.request_ns - pause.ttsp_ns);
  sched_.start(m, procs);
  const uint64_t released = now_ns();
  pause.start_ns = released - done;
  pause.pause_ns = released - pause.request_ns;
  edge(m, StwEdge::kStarted, pause, pause.start_ns);
}

Pause Collector::stopped(M& m, StwReason reason, uint32_t procs, const std::function<void()>& work,
                         const std::function<void()>& after) {
  const ReadScope scope;
  take_worldsema(m);
  Pause pause{};
  stop_world(m, pause, reason);
  if (work) work();
  const uint64_t done = now_ns();
  // As in mark termination: with stopped marking Go's clock begins in a world that stands already.
  pause.pause_go_ns = done - pause.request_ns - (options_.concurrent_mark ? 0 : pause.ttsp_ns);
  start_world(m, pause, procs == 0 ? sched_.procs() : procs, done);
  if (after) after();
  worldsema_.unlock(m, "stop: give worldsema");
  worldsema_free_.wake_all();
  return pause;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
