#include "engine/gc/assists.h"

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/gc/collector.h"
#include "engine/gc/pacing.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// Units, about a millisecond of marking. Near the goal a span may owe all that is left to mark. The rest of the debt
// stays, and the next refill pays on: a program that waits for one allocation as long as for the cycle waits too long.
constexpr uint64_t kMostAtOnce = 1 << 20;

}  // namespace

void Assists::pay_slowly(M& m) {
  const ReadScope scope;
  sched_.poll(m);
  // Ends with the cycle, which the polls and waits below may let pass: then m's barrier is off.
  while (m.write_barrier && m.assist_bytes < 0) {
    uint64_t work = 0;
    if (steal(m, work)) return;
    const uint64_t begin = now_ns();
    DrainedWork done;
    const Drained how =
        marking_.drain(m, std::min(work, kMostAtOnce), done, [](MarkThread&) { return false; });
    if (how == Drained::kEnded) continue;
    pacing_.costs().add(m, MarkedBy::kAssist, done.scanned, now_ns() - begin - done.waited_ns);
    pacing_.credit().add_scanned(done.scanned);
    m.assist_bytes += static_cast<int64_t>(pacer::bytes_for_work(done.scanned, pacing_.assist_ratio()));
    if (how == Drained::kLast)
      collector_.look_for_end(m, Collector::Barrier::kByAWorker);
    else if (how == Drained::kNoWork && m.assist_bytes < 0)
      park(m);
    else if (how == Drained::kPaid && work > kMostAtOnce)
      return;
  }
}

// Pays from the credit of background marking. True: the whole debt; else `work` is what is left to scan.
bool Assists::steal(M& m, uint64_t& work) {
  const pacer::AssistRatio ratio = pacing_.assist_ratio();
  const pacer::Assist assist = pacer::assist_for(static_cast<uint64_t>(-m.assist_bytes), ratio);
  const pacer::Steal steal = pacer::steal_credit(assist, pacing_.credit().left(), ratio);
  if (steal.stolen > 0 && !fault(Fault::kStolenCreditKept)) pacing_.credit().steal(steal.stolen);
  if (steal.stolen > 0) pacing_.costs().add_stolen(steal.stolen);
  m.assist_bytes += static_cast<int64_t>(steal.bytes);
  work = steal.work_left;
  return work == 0 || m.assist_bytes >= 0;
}

// Other threads hold every grey object: waits without a P for credit, work or the end (Go: gcParkAssist).
void Assists::park(M& m) {
  if (!m.write_barrier) return;
  sched_.blocking(m, [this] {
    marking_.work_for_assists.wait_until("assist: wait for credit, work or the end", [this] {
      return pacing_.credit().worth_a_wake() || marking_.has_work() || !marking_.under_way();
    });
  });
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
