#include "engine/gc/mark_workers.h"

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/reads.h"
#include "engine/gc/collector.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

namespace {

// Of this cycle. Only one worker is fractional.
uint64_t fractional_ns(const M& m) { return m.cost.ns[static_cast<size_t>(MarkedBy::kFractional)]; }

}  // namespace

MarkWorkers::MarkWorkers(Threads& threads, Sched& sched, MarkPhase& marking, Collector& collector,
                         uint32_t count)
    : sched_(sched), marking_(marking), collector_(collector) {
  quit_.bind(Word::kThread, ~0u);
  for (uint32_t number = 0; number < count; ++number) {
    M& m = threads.add();
    threads_.emplace_back("gcworker", [this, number, &m] { run(m, number); });
  }
}

MarkWorkers::~MarkWorkers() {
  quit_.put(1);
  marking_.work_for_workers.wake_all();
  for (Thread& thread : threads_) thread.join();
}

void MarkWorkers::run(M& m, uint32_t number) {
  while (true) {
    begin_operation(0);
    marking_.work_for_workers.wait_until("mark worker: parked", [this, number] {
      return quit_.peek() != 0 || (marking_.wanted() && may_run(number));
    });
    if (quit_.peek() != 0) return;
    const MarkedBy kind = kind_of(number);
    m.needs_permit = kind == MarkedBy::kIdle;
    sched_.acquire_p(m);
    mark(m, kind);
    const uint64_t own_ns = fractional_ns(m);  // read on the P: the next cycle resets it
    sched_.release_p(m, observe::PStatus::kIdle);
    sched_.permits.give(m);
    if (kind == MarkedBy::kFractional) rest(own_ns);
  }
}

void MarkWorkers::mark(M& m, MarkedBy kind) {
  const ReadScope scope;
  uint64_t counted_to = now_ns(), counted = 0;
  // Counts what was scanned since the last call: parked assists wait for the credit.
  const auto count = [&](uint64_t scanned) {
    const uint64_t now = now_ns();
    m.cost.add(kind, scanned - counted, now - counted_to);
    if (scanned != counted) {
      collector_.credit().add_scanned(scanned - counted);
      collector_.credit().give(scanned - counted);
      marking_.work_for_assists.wake_all();
    }
    counted = scanned, counted_to = now;
  };
  Drained how = Drained::kNoWork;
  do {
    uint64_t scanned = counted = 0;
    how = marking_.drain(m, ~uint64_t{0}, scanned, [&](MarkThread&) {
      count(scanned);
      return gives_way(m, kind);
    });
    count(scanned);
    if (how == Drained::kLast) collector_.look_for_end(m);
  } while (how == Drained::kLast && marking_.wanted());
}

MarkedBy MarkWorkers::kind_of(uint32_t number) const {
  if (number < collector_.dedicated_workers()) return MarkedBy::kDedicated;
  return number == collector_.dedicated_workers() && collector_.fractional_share() > 0 ? MarkedBy::kFractional
                                                                                       : MarkedBy::kIdle;
}

bool MarkWorkers::may_run(uint32_t number) const {
  return kind_of(number) != MarkedBy::kIdle || sched_.has_spare_p();
}

// Asked between scans. The laboratory has neither clock nor permits: when another thread waits for a P, the end of the
// slice is a choice.
bool MarkWorkers::gives_way(const M& m, MarkedBy kind) const {
  if (kind == MarkedBy::kDedicated) return false;
  if constexpr (kLaboratory)
    return sched_.p_wanted() &&
           Random(0).choose("mark worker: give way to a thread that waits for a P?", 2) != 0;
  if (!sched_.contended()) return false;
  return kind == MarkedBy::kIdle ||
         pacer::fractional_done(collector_.fractional_share(), fractional_ns(m), collector_.mark_ns());
}

// Until the share allows it to mark again, unless no other thread wants to run.
void MarkWorkers::rest(uint64_t own_ns) {
  constexpr uint64_t kLongest = 5'000'000;  // ns: contention may end meanwhile
  const double share = collector_.fractional_share();
  if (share <= 0 || !sched_.contended()) return;
  const uint64_t mark_ns = collector_.mark_ns();
  if (pacer::fractional_due(share, own_ns, mark_ns)) return;
  const uint64_t due = static_cast<uint64_t>(static_cast<double>(own_ns) / share);
  resting_.wait_for("mark worker: rests until its share is due",
                    std::min(due - std::min(due, mark_ns), kLongest),
                    [this] { return quit_.peek() != 0 || !marking_.under_way(); });
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
