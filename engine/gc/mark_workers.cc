#include "engine/gc/mark_workers.h"

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/random.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/collector.h"
#include "engine/gc/pacing.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

namespace {

constexpr WorkerKind witnessed(MarkedBy kind) { return static_cast<WorkerKind>(kind); }
static_assert(witnessed(MarkedBy::kFractional) == WorkerKind::kFractional &&
              witnessed(MarkedBy::kIdle) == WorkerKind::kIdle);

}  // namespace

MarkWorkers::MarkWorkers(Threads& threads, Sched& sched, MarkPhase& marking, Pacing& pacing,
                         Collector& collector, uint32_t count)
    : sched_(sched), marking_(marking), pacing_(pacing), collector_(collector) {
  quit_.bind(Word::kThread, ~0u);
  for (uint32_t number = 0; number < count; ++number) {
    M& m = threads.add();
    threads_.emplace_back("gcworker", [this, number, &m] { run(m, number); });
  }
}

MarkWorkers::~MarkWorkers() {
  quit_.put(1);
  for (WaitPoint* point :
       {&marking_.work_for_workers, &marking_.work_for_idle_workers, &marking_.workers_rest})
    point->wake_all();
  for (Thread& thread : threads_) thread.join();
}

void MarkWorkers::run(M& m, uint32_t number) {
  // relaxed: for this thread itself, should a hook of the engine call the engine.
  m.runs_on.store(this_thread_id(), std::memory_order_relaxed);
  while (true) {
    begin_operation(0);
    park(number);
    if (quit_.peek() != 0) break;
    const MarkedBy kind = kind_of(number);
    m.needs_permit = m.borrows = kind == MarkedBy::kIdle;
    sched_.acquire_p(m);
    if (kind != MarkedBy::kIdle) collector_.finish_left_cycle(m);  // its P is lent: it waits for no thread
    witness_worker_begun(witnessed(kind));
    mark(m, kind);
    witness_worker_ended(witnessed(kind));
    const uint64_t rest_ns =
        kind == MarkedBy::kFractional ? until_due(m) : 0;  // on the P: the next cycle resets it
    sched_.release_p(m, observe::PStatus::kIdle);
    sched_.permits.give(m);
    if (rest_ns > 0)
      marking_.workers_rest.wait_for("mark worker: rests until its share is due", rest_ns,
                                     [this] { return quit_.peek() != 0 || !marking_.under_way(); });
  }
  m.runs_on.store(0, std::memory_order_relaxed);  // relaxed: as above
}

// Each kind has its wait point. The next cycle may change the kind, which ends the wait at the old one: open() wakes
// all.
void MarkWorkers::park(uint32_t number) {
  ReadScope scope;
  while (true) {
    const MarkedBy kind = kind_of(number);
    scope.holds(static_cast<uint64_t>(kind));
    WaitPoint& point = kind == MarkedBy::kIdle ? marking_.work_for_idle_workers : marking_.work_for_workers;
    // The barrier is for the workers of the budget: they need no permit, and one of them is never idle's kind.
    const auto may_start = [this, number] {
      return quit_.peek() != 0 || (marking_.has_work() && may_run(number)) ||
             (collector_.barrier_left() && kind_of(number) != MarkedBy::kIdle);
    };
    point.wait_until("mark worker: parked", [&] { return may_start() || kind_of(number) != kind; });
    if (may_start()) return;
  }
}

void MarkWorkers::mark(M& m, MarkedBy kind) {
  const ReadScope scope;
  Drained how = Drained::kNoWork;
  m.slice_end = now_ns() + Permits::kSliceNs;
  do {
    DrainedWork work, counted;
    uint64_t counted_to = now_ns();
    // Counts what was done since the last call: parked assists wait for the credit.
    const auto count = [&] {
      const uint64_t now = now_ns(), scanned = work.scanned - counted.scanned;
      pacing_.costs().add(m, kind, scanned, now - counted_to - (work.waited_ns - counted.waited_ns));
      counted = work, counted_to = now;
      if (scanned == 0) return;
      pacing_.credit().add_scanned(scanned);
      pacing_.credit().give(scanned);
      // Not for less: each wake-up of a parked assist costs this thread as much as the marking that would pay for it.
      if (pacing_.credit().worth_a_wake()) marking_.work_for_assists.wake_all();
    };
    how = marking_.drain(m, MarkPhase::kNoLimit, work, [&](MarkThread&) {
      count();
      return gives_way(m, kind, counted_to);
    });
    if (how == Drained::kEnded) return;
    count();
    if (how == Drained::kLast)
      collector_.look_for_end(
          m, kind == MarkedBy::kIdle ? Collector::Barrier::kByAWorker : Collector::Barrier::kOwn);
  } while (how == Drained::kLast && marking_.has_work());
}

MarkedBy MarkWorkers::kind_of(uint32_t number) const {
  const uint32_t dedicated = pacing_.dedicated_workers();
  if (number < dedicated) return MarkedBy::kDedicated;
  const bool first_beyond = number == dedicated || fault(Fault::kTwoFractional);
  return first_beyond && pacing_.fractional_share() > 0 ? MarkedBy::kFractional : MarkedBy::kIdle;
}

bool MarkWorkers::may_run(uint32_t number) const {
  return kind_of(number) != MarkedBy::kIdle || sched_.has_spare_p();
}

// Of this cycle. Only one worker is fractional.
uint64_t MarkWorkers::fractional_ns(const M& m) const {
  return pacing_.costs().ns_of(m, MarkedBy::kFractional);
}

// Asked between scans. A thread that waits for a P waits a slice at most: by its share a worker that is behind could keep
// the P for a quarter of the time that marking has taken so far. The laboratory has no clock: when another thread waits
// for a P, the end of the slice is a choice.
bool MarkWorkers::gives_way(const M& m, MarkedBy kind, uint64_t now) const {
  if (kind == MarkedBy::kDedicated) return false;
  if constexpr (kLaboratory)
    return sched_.p_wanted() &&
           Random(0).choose("mark worker: give way to a thread that waits for a P?", 2) != 0;
  if (kind == MarkedBy::kIdle) return sched_.others_wait();
  if (sched_.p_needed() && now >= m.slice_end) return true;
  return sched_.contended() &&
         pacer::fractional_done(pacing_.fractional_share(), fractional_ns(m), pacing_.mark_ns());
}

// How long a fractional worker has to rest before its share allows it to mark again, in ns; 0: no other thread wants
// to run. A thread that waits for a P gets a slice in any case: this one would be back before that one wakes.
uint64_t MarkWorkers::until_due(const M& m) const {
  ReadScope scope;
  constexpr uint64_t kLongest = 5'000'000;  // contention may end meanwhile
  const double share = pacing_.fractional_share();
  if (share <= 0 || !sched_.contended()) return 0;
  if constexpr (kLaboratory)
    return scope.returns(uint64_t{Random(0).choose("mark worker: rest until its share is due?", 2)});
  const uint64_t own_ns = fractional_ns(m), mark_ns = pacing_.mark_ns();
  const uint64_t least = sched_.p_needed() ? Permits::kSliceNs : 0;
  if (pacer::fractional_due(share, own_ns, mark_ns)) return least;
  const uint64_t due = static_cast<uint64_t>(static_cast<double>(own_ns) / share);
  return std::clamp(due - std::min(due, mark_ns), least, kLongest);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
