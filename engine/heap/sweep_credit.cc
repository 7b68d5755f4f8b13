#include "engine/heap/sweep_credit.h"

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/heap/mcache.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// Sweeping aims to finish this many bytes before the trigger: for rounding, and sweeps under way.
constexpr uint64_t kMargin = kLaboratory ? 8 << 10 : 1 << 20;
// No span of a small class has more.
constexpr int64_t kPagesOfASpan = 10;
// More pages than any heap has; keeps the conversion from double defined.
constexpr double kMostPages = 1e15;

// Bytes since the basis, the caller's included. heap_live may have fallen below its basis: the flush of fresh
// mcaches takes back what they never used (D6, Go #57523; subtracted without a sign it owes the whole heap).
uint64_t bytes_since_basis(const MHeap& heap, uint64_t heap_live, uint64_t basis, uint64_t span_bytes) {
  if (heap_live < basis && heap.repairs.debt_is_signed) return span_bytes;
  return heap_live - basis + span_bytes;
}

}  // namespace

SweepCredit::SweepCredit() {
  pages_per_byte.bind(Word::kSweepCredit, 0);
  heap_live_basis.bind(Word::kSweepCredit, 1);
  pages_swept_basis.bind(Word::kSweepCredit, 2);
}

void SweepCredit::rebase(MHeap& heap, uint64_t trigger) {
  const uint64_t live = heap.heap_live.peek();
  const uint64_t swept = heap.pages_swept.peek();
  const uint64_t in_use = heap.in_use_bytes() >> kPageShift;
  double slope = 0;
  if (trigger != kNoTrigger && heap.sweep_done.peek() == 0 && in_use > swept) {
    const uint64_t distance = std::max(trigger > live + kMargin ? trigger - live - kMargin : 0, kPageSize);
    slope = static_cast<double>(in_use - swept) / static_cast<double>(distance);
  }
  // relaxed all: a payer that mixes two lines pays a little more or less.
  pages_per_byte.store(slope, std::memory_order_relaxed, "sweep credit: set the slope");
  heap_live_basis.store(live, std::memory_order_relaxed, "sweep credit: heap_live is the basis");
  pages_swept_basis.store(swept, std::memory_order_relaxed, "sweep credit: pages_swept is the basis");
}

void deduct_sweep_credit(HeapThread& m, MHeap& heap, uint64_t span_bytes, uint64_t caller_pages,
                         observe::Cause cause) {
  SweepCredit& credit = heap.credit;
  // No step: without GOGC it is always 0. A slope that becomes 0 a moment later only makes us sweep a span more.
  if (credit.pages_per_byte.peek() == 0) return;
  uint64_t owed_first = 0;
  const uint64_t swept_first = heap.pages_swept.peek();
  while (true) {
    // relaxed, here and below: estimates; an older value costs or saves the sweep of one span.
    const uint64_t basis =
        credit.pages_swept_basis.load(std::memory_order_relaxed, "sweep credit: read the basis");
    const uint64_t live = heap.heap_live.load(std::memory_order_relaxed, "sweep credit: read heap_live"),
                   live_basis = credit.heap_live_basis.load(std::memory_order_relaxed,
                                                            "sweep credit: read the basis of heap_live");
    const double slope =
        credit.pages_per_byte.load(std::memory_order_relaxed, "sweep credit: read the slope");
    const uint64_t bytes = bytes_since_basis(heap, live, live_basis, span_bytes);
    const double pages = std::min(slope * static_cast<double>(bytes), kMostPages);
    const int64_t target = static_cast<int64_t>(pages) - static_cast<int64_t>(caller_pages);
    const auto paid = [&] {
      return static_cast<int64_t>(
          heap.pages_swept.load(std::memory_order_relaxed, "sweep credit: is enough swept?") - basis);
    };
    bool moved = false;
    for (int64_t done = paid(); target > done; done = paid()) {
      if (owed_first == 0) owed_first = static_cast<uint64_t>(target - done);
      // Only what is owed: so many spans that they are not more pages, small ones at least. A batch ends, and counts
      // its pages, before we ask again.
      const auto most =
          static_cast<uint32_t>(std::clamp<int64_t>((target - done) / kPagesOfASpan, 1, SweepBatch::kMost));
      if (!sweep_batch(m, heap, cause, most)) {
        // relaxed: a thread that pays by the old slope finds nothing to sweep either.
        credit.pages_per_byte.store(0, std::memory_order_relaxed,
                                    "sweep credit: nothing is left, slope := 0");
        break;
      }
      moved = credit.pages_swept_basis.load(std::memory_order_relaxed,
                                            "sweep credit: has the basis moved?") != basis;
      if (moved) break;
    }
    if (!moved) break;
  }
  if (owed_first > 0 && m.emitter.enabled()) {
    m.emitter.emit(observe::SweepCredit{
        {stamp(), observe::EventKind::kSweepCredit, 0, m.mcache != nullptr ? m.mcache->p : observe::kNoP,
         static_cast<uint32_t>(heap.pages_swept.peek() - swept_first)},
        span_bytes,
        owed_first});
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
