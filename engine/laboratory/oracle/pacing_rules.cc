// The oracle's rules for the collector above the protocol: pacing, credit, budget, permits. The other half of oracle.cc.
#include <algorithm>

#include "engine/laboratory/oracle/oracle.h"
#include "engine/memory/size_class.h"

namespace sweepscope::laboratory {

using engine::Paced;
using engine::WorkerKind;

namespace {

constexpr uint64_t kOff = ~uint64_t{0};

}  // namespace

// A new GOGC may come between an allocator's check and the cycle that it starts: any trigger since the last mark
// termination may be the one that it saw. The bound likewise.
void Oracle::paced(uint64_t trigger, uint64_t bound, Paced when) {
  ++facts_;
  const bool anew = when == Paced::kAtMarkTermination;
  pacing_.least_trigger = anew ? trigger : std::min(pacing_.least_trigger, trigger);
  pacing_.most_bound = anew ? bound : std::max(pacing_.most_bound, bound);
}

void Oracle::cycle_triggered(uint64_t heap_live) {
  ++facts_;
  if (heap_live < pacing_.least_trigger)
    broken(kPacing, ~0u,
           running_name() + " starts a cycle because of heap_live, which is " + std::to_string(heap_live) +
               ", below the trigger of " + std::to_string(pacing_.least_trigger));
}

// A thread takes one span after its check. What a policy allocates black from a stale mcache comes on top, a span a P.
void Oracle::heap_charged(uint64_t heap_live) {
  ++facts_;
  if (pacing_.most_bound == kOff) return;
  const uint32_t fiber = scheduler_.running();
  if (std::find(pacing_.takers.begin(), pacing_.takers.end(), fiber) == pacing_.takers.end())
    pacing_.takers.push_back(fiber);
  const uint64_t unchecked = 2 * pacing_.takers.size() * engine::kPageSize;
  if (heap_live >= pacing_.most_bound + unchecked)
    broken(kPacing, ~0u,
           running_name() + " takes a span, and heap_live is " + std::to_string(heap_live) +
               ", beyond the bound of " + std::to_string(pacing_.most_bound) + " by more than " +
               std::to_string(unchecked));
}

void Oracle::marking_paid(uint64_t given, uint64_t stolen, int64_t left) {
  ++facts_;
  if (static_cast<int64_t>(given - stolen) != left)
    broken(kCredit, ~0u,
           "marking has ended: workers scanned " + std::to_string(given) + " bytes, assists stole " +
               std::to_string(stolen) + ", and the credit left is " + std::to_string(left));
}

void Oracle::budget_planned(uint32_t dedicated, uint32_t fractional) {
  ++facts_;
  pacing_.planned = {dedicated, fractional};
}

void Oracle::worker_begun(WorkerKind kind) {
  ++facts_;
  if (kind == WorkerKind::kIdle) return;
  const auto k = static_cast<size_t>(kind);
  if (++pacing_.marking[k] > pacing_.planned[k])
    broken(kBudget, ~0u,
           running_name() + " begins to mark, and " + std::to_string(pacing_.marking[k]) +
               (kind == WorkerKind::kDedicated ? " dedicated" : " fractional") +
               " workers own a P; the budget has " + std::to_string(pacing_.planned[k]));
}

void Oracle::worker_ended(WorkerKind kind) {
  ++facts_;
  if (kind != WorkerKind::kIdle) --pacing_.marking[static_cast<size_t>(kind)];
}

void Oracle::permits_made(uint32_t permits) { pacing_.permits = permits; }

void Oracle::permit_taken() {
  ++facts_;
  if (++pacing_.held > pacing_.permits)
    broken(kPermits, ~0u,
           running_name() + " gets a run permit, and " + std::to_string(pacing_.held) +
               " are held; there are " + std::to_string(pacing_.permits));
}

void Oracle::permit_given() {
  ++facts_;
  --pacing_.held;
}

}  // namespace sweepscope::laboratory
