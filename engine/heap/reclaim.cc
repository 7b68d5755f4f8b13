#include "engine/heap/reclaim.h"

#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

using observe::Cause;

// Sweeps large spans of at least `least` pages until `wanted` pages came back. Returns what came back.
uint32_t reclaim_large(HeapThread& m, MHeap& heap, uint32_t least, uint32_t wanted) {
  const uint32_t h = heap.gen();
  uint32_t reclaimed = 0;
  MSpan* span = heap.busy_large().front();
  while (span != nullptr && reclaimed < wanted && heap.unswept_large.peek() > 0) {
    const uint32_t pages = span->pages;
    std::optional<SweepToken> token =
        pages >= least ? arc_claim(m, *span, h, Cause::kReclaim) : std::optional<SweepToken>();
    if (!token) {
      span = span->next;
      continue;
    }
    heap.busy_large_to_back(m, *span);  // out of the way of the next walk
    heap.lock().unlock(m, "reclaim: unlock mheap to sweep");
    if (sweep(m, heap, std::move(*token), MCentral::Preserve::kNo, Cause::kReclaim)) reclaimed += pages;
    heap.lock().lock(m, "reclaim: lock mheap again");
    span = heap.busy_large().front();  // the list may be another one by now
  }
  return reclaimed;
}

}  // namespace

void reclaim_locked(HeapThread& m, MHeap& heap, uint32_t pages) {
  uint32_t reclaimed = 0;
  {
    Sweeping counted(heap);
    reclaimed = reclaim_large(m, heap, pages, pages);
    if (reclaimed < pages) reclaimed += reclaim_large(m, heap, 1, pages - reclaimed);
  }
  if (reclaimed >= pages) return;
  heap.lock().unlock(m, "reclaim: unlock mheap for the unswept queue");
  while (reclaimed < pages) {
    const std::optional<uint32_t> more = sweep_one(m, heap, Cause::kReclaim);
    if (!more) break;
    reclaimed += *more;
  }
  heap.lock().lock(m, "reclaim: lock mheap after the unswept queue");
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
