#include "engine/gc/collector.h"

#include <ctime>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/runtime.h"
#include "engine/gc/verifier.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::Phase;
using observe::StwEdge;
using observe::StwReason;

namespace {

constexpr uint64_t kOff = ~uint64_t{0};
constexpr uint64_t kMinimumHeap = 4 << 20;  // bytes at GOGC 100 (GO-RUNTIME.md section 10)

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

// What Go's coordinator may do once the world runs again (profile records, trace output) and ours does not:
// the harm that fault procresize-skips-current is about.
void allocate_before_barrier(M& m) {
  Mutator mutator(m);
  witness_object_dropped(reinterpret_cast<uintptr_t>(allocate(mutator, 4096, 0)));
}

}  // namespace

Collector::Collector(Runtime& runtime, uint32_t helpers)
    : runtime_(runtime),
      heap_(runtime.heap()),
      sched_(runtime.sched()),
      gogc_(runtime.options.gogc),
      marking_(runtime, helpers) {
  phase_.bind(Word::kPhase, 0);
  worldsema_free_.bind(Word::kWorldSema, 0);
  const uint32_t gogc = runtime.options.gogc;
  trigger_.init(gogc == kGcOff ? kOff : kMinimumHeap * gogc / 100);
}

void Collector::collect_if_triggered(M& m) {
  const ReadsEndHere scope;
  // relaxed both: a stale value starts the cycle a little later.
  if (heap_.heap_live.peek() < trigger_.peek()) [[likely]]
    return;
  // The holder of worldsema is collecting or resizing; the next poll or refill checks again.
  // Waiting here would keep our P running while the holder waits for it to stop.
  if (!worldsema_.try_lock(m, "gc: try worldsema")) return;
  if (heap_.heap_live.peek() >= trigger_.peek()) cycle(m, false);
  worldsema_.unlock(m, "gc: give worldsema");
  worldsema_free_.wake_all();
}

void Collector::take_worldsema(M& m) {
  ReadsEndHere scope;
  while (!worldsema_.try_lock(m, "gc: try worldsema")) {
    scope.holds(0);
    sched_.blocking(m, [this] {
      worldsema_free_.wait_until("gc: wait for worldsema", [this] { return !worldsema_.held(); });
    });
  }
}

void Collector::collect_now(M& m) {
  const ReadsEndHere scope;
  take_worldsema(m);
  cycle(m, true);
  worldsema_.unlock(m, "gc: give worldsema");
  worldsema_free_.wake_all();
  wait_for_sweep(m);
}

// Sweeps what is left itself, then waits for the others: claimed spans and flush barriers count as sweepers
// (I13). A turn meanwhile ends the wait too: it needs a complete sweep.
void Collector::wait_for_sweep(M& m) {
  ReadsEndHere scope;
  const uint32_t h = heap_.gen();
  while (sweep_one(m, heap_, observe::Cause::kForced)) scope.holds(0);
  runtime_.policy().help_sweep(m);
  sched_.blocking(m, [this, h] {
    heap_.sweep_completed.wait_until("gc: wait until the sweep is complete", [this, h] {
      return heap_.sweep_complete() || heap_.gen_acquire() != h;
    });
  });
}

void Collector::finish_sweep(M& m) {
  ReadsEndHere scope;
  while (sweep_one(m, heap_, observe::Cause::kFinish)) scope.holds(0);
}

// Every mcache must have been flushed since the last turn:
// the encoding carries one generation of laziness, no more.
void Collector::check_flush_gens(M& m) {
  const ReadsEndHere scope;
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

void Collector::edge(M& m, StwEdge edge, StwReason reason, uint64_t ns, uint32_t spans) {
  if (!m.emitter.enabled()) return;
  m.emitter.emit(observe::Stw{
      {stamp(), observe::EventKind::kStw, static_cast<uint8_t>(edge), observe::kNoP, cycle_number_},
      reason,
      {},
      static_cast<uint32_t>(ns),
      sched_.world.running(),
      spans});
}

void Collector::cycle(M& m, bool forced) {
  const ReadsEndHere scope;
  const WitnessedDuty duty(Duty::kCycle);
  CycleRecord record{};
  record.cycle = ++cycle_number_;
  record.forced = forced;
  record.start_ns = now_ns();
  {
    const ReadsEndHere reported_only;
    record.heap_before = heap_.heap_live.peek();
  }

  finish_sweep(m);  // as much as possible before the world is stopped
  runtime_.policy().help_at_gc_start(m);
  check_flush_gens(m);
  sweep_termination(m, record);
  runtime_.options.concurrent_mark ? mark_concurrently(m, record) : mark_stopped(m, record);
  mark_termination(m, record);

  record.end_ns = now_ns();
  record.procs = sched_.procs();
  records_.push_back(record);
  cycles_.store(cycle_number_, std::memory_order_release);
  if (runtime_.options.on_cycle) runtime_.options.on_cycle(record);
}

void Collector::sweep_termination(M& m, CycleRecord& record) {
  const ReadsEndHere scope;
  Pause& pause = record.sweep_termination;
  stop_world(m, pause, StwReason::kSweepTermination);

  finish_sweep(m);  // what a P freed for sweeping between our last check and its stop
  enter_phase(m, Phase::kSweepTermination);
  if constexpr (kLaboratory) {
    for (uint32_t id = 0; id < heap_.span_ids(); ++id)
      if (heap_.span(id).state.peek() == SpanState::kInUse)
        witness_gc_start_span(id, heap_.span(id).sweepgen.peek(), heap_.gen());
    for (uint32_t id = 0; id < sched_.procs(); ++id)
      witness_gc_start_mcache(id, sched_.p(id).mcache.flush_gen.peek(), heap_.gen());
  }
  if (runtime_.options.verify) check_protocol(m, runtime_, VerifyAt::kGcStart);
  const uint64_t end = now_ns();
  pause.pause_go_ns = end - pause.request_ns - pause.ttsp_ns;
  pause.pause_ns = end - pause.request_ns;  // the world stays stopped: marking, or its preparation, follows
}

void Collector::mark_stopped(M& m, CycleRecord& record) {
  ReadsEndHere scope;
  const uint64_t begin = now_ns();
  enter_phase(m, Phase::kMark);
  note_marked(m, record, marking_.mark_stopped(m, record.cycle));
  scope.returns(record.heap_marked);
  record.mark_ns = now_ns() - begin;

  Pause& pause = record.mark_termination;  // begins here: marking has stopped the world already
  pause.reason = StwReason::kMarkTermination;
  pause.cycle = record.cycle;
  pause.request_ns = now_ns();
  edge(m, StwEdge::kRequested, pause.reason, 0, 0);
  edge(m, StwEdge::kStopped, pause.reason, 0, 0);
}

void Collector::mark_concurrently(M& m, CycleRecord& record) {
  ReadsEndHere scope;
  enter_phase(m, Phase::kMark);
  marking_.begin(m, record.cycle);
  start_world(m, record.sweep_termination, sched_.procs());
  const uint64_t begin = now_ns();
  while (true) {
    marking_.advance(m);
    record.mark_ns = now_ns() - begin;
    stop_world(m, record.mark_termination, StwReason::kMarkTermination);
    if (marking_.complete(m)) break;
    start_world(m, record.mark_termination, sched_.procs());
    record.resumed.push_back(record.mark_termination);
  }
  note_marked(m, record, marking_.totals());
  scope.returns(record.heap_marked);
}

// World stopped, marking complete.
void Collector::note_marked(M& m, CycleRecord& record, const MarkTotals& marked) {
  record.heap_marked = heap_marked_ = marked.bytes;
  record.marked_objects = marked.objects;
  if (runtime_.options.verify)
    objects_verified_ +=
        check_marks(m, runtime_, runtime_.options.concurrent_mark ? Marks::kFloating : Marks::kExact);
}

// World stopped, since pause.request_ns.
void Collector::mark_termination(M& m, CycleRecord& record) {
  const ReadsEndHere scope;
  Pause& pause = record.mark_termination;
  const uint64_t flushed_before = total(m.flushed_spans);

  enter_phase(m, Phase::kMarkTermination);
  runtime_.policy().in_pause(m);
  // From here heap_live is what was marked; what the caches still promise is not in it (I9).
  heap_.heap_live.store(record.heap_marked, std::memory_order_relaxed,
                        "mark termination: heap_live := marked");
  enter_phase(m, Phase::kOff);
  begin_sweep(m);
  if (runtime_.options.stw_sweep) sweep_stopped(m);
  set_trigger(m, record);
  const uint64_t end_go = now_ns();
  pause.pause_go_ns = end_go - pause.request_ns;
  if (runtime_.options.verify) check_protocol(m, runtime_, VerifyAt::kAnyStop);

  runtime_.policy().before_start(m);
  pause.spans_flushed = static_cast<uint32_t>(total(m.flushed_spans) - flushed_before);
  const uint64_t before_start = now_ns();
  edge(m, StwEdge::kReleased, pause.reason, before_start - pause.request_ns - pause.ttsp_ns,
       pause.spans_flushed);
  sched_.start(m, sched_.procs());
  const uint64_t released = now_ns();
  pause.pause_ns = released - pause.request_ns;
  if (fault(Fault::kProcresizeSkipsCurrent)) allocate_before_barrier(m);
  runtime_.sweeper().wake();
  edge(m, StwEdge::kStarted, pause.reason, released - before_start, 0);

  const uint64_t flushed_in_pause = total(m.flushed_spans);
  const uint64_t cpu = thread_cpu_ns();
  const BarrierResult barrier = runtime_.policy().after_start(m, released);
  heap_.stacks.free_empty_spans(m);  // phase off, and the flushes have emptied the caches
  record.flush_barrier_cpu_ns = thread_cpu_ns() - cpu;
  record.flush_barrier_ns = now_ns() - released;
  record.flush_barrier_spans = static_cast<uint32_t>(total(m.flushed_spans) - flushed_in_pause);
  pause.gate_ns = barrier.gate_ns;
  const uint64_t restarted = sched_.first_restart_ns.load(std::memory_order_relaxed);
  pause.restart_ns = restarted > released ? restarted - released : 0;
}

void Collector::begin_sweep(M& m) {
  check(m, phase_.peek() == Phase::kOff, FatalCode::kPhaseIsNotOff,
        Operand{"phase", static_cast<uint64_t>(phase_.peek())});
  heap_.turn(m, cycle_number_, sched_.procs());
}

// Sweeps everything before the world runs again. The spans of mcaches are in no sweeper's reach,
// so the mcaches come first (D4): otherwise the sweep calls itself complete while they are stale.
void Collector::sweep_stopped(M& m) {
  ReadsEndHere scope;
  if (heap_.repairs.flush_before_stw_sweep && !fault(Fault::kStwSweepNoFlush))
    for (uint32_t id = 0; id < sched_.procs(); ++id)
      prepare_for_sweep(m, heap_, sched_.p(id).mcache, observe::FlushCause::kStw);
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
  const ReadsEndHere scope;
  Guard guard(m, heap_.lock(), "gc: lock mheap to set the trigger");
  paced_marked_ = record.heap_marked;
  pace_locked(m, record.cycle);
  record.trigger = record.goal = trigger_.peek();
}

// Not under worldsema, whose holder may mark for a long time (Go: gcSetGCPercent takes the heap's lock).
// During a cycle the marked heap is still the last one's; mark termination paces anew.
void Collector::set_gogc(uint32_t percent) {
  M& m = runtime_.borrow_thread();
  {
    Guard guard(m, heap_.lock(), "set_gogc: lock mheap");
    gogc_.store(percent, std::memory_order_relaxed);  // relaxed: read under the same lock
    pace_locked(m, cycles());
    m.emitter.seal();  // under the lock, so that the last event is about the trigger that holds
  }
  runtime_.give_back_thread(m);
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
  edge(m, StwEdge::kRequested, reason, 0, 0);
  sched_.stop(m);
  pause.ttsp_ns = now_ns() - pause.request_ns;
  // What a parked sweeper emitted belongs to this epoch.
  runtime_.for_each_thread([](M& thread) { thread.emitter.seal(); });
  edge(m, StwEdge::kStopped, reason, pause.ttsp_ns, 0);
}

void Collector::start_world(M& m, Pause& pause, uint32_t procs) {
  const uint64_t end = now_ns();
  pause.pause_go_ns = end - pause.request_ns - pause.ttsp_ns;
  edge(m, StwEdge::kReleased, pause.reason, pause.pause_go_ns, 0);
  sched_.start(m, procs);
  const uint64_t released = now_ns();
  pause.pause_ns = released - pause.request_ns;
  edge(m, StwEdge::kStarted, pause.reason, released - end, 0);
}

Pause Collector::stopped(M& m, StwReason reason, uint32_t procs, const std::function<void()>& work) {
  const ReadsEndHere scope;
  take_worldsema(m);
  Pause pause{};
  stop_world(m, pause, reason);
  if (work) work();
  start_world(m, pause, procs == 0 ? sched_.procs() : procs);
  worldsema_.unlock(m, "stop: give worldsema");
  worldsema_free_.wake_all();
  return pause;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
