// Mark termination, the second transition of a cycle: the end of marking, the turn, the start of the sweep, the flush
// barrier, the end of the cycle. By the thread that found no work left, or with stopped marking by the one that runs
// the cycle; the flush barrier perhaps by a third (collector.h).
#include <ctime>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/background_sweeper.h"
#include "engine/gc/collector.h"
#include "engine/gc/cycle_figures.h"
#include "engine/gc/pacing.h"
#include "engine/gc/scavenger.h"
#include "engine/gc/testimony.h"
#include "engine/gc/verifier.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::Phase;
using observe::StwReason;

namespace {

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

}  // namespace

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
  record_.allocs = allocations_.take(1 - heap_.parity());
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
  pause.pause_go_ns = now_ns() - begin_go;
  if (options_.verify) check_protocol(m, layers_, VerifyAt::kAnyStop);

  policy_.before_start(m);
  pause.spans_flushed = static_cast<uint32_t>(total(m.flushed_spans) - flushed_before);
  witness_pause_flushed(pause.spans_flushed);
  stops_.start(m, pause, sched_.procs(), now_ns());
  marking_.wake_assists();
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

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
