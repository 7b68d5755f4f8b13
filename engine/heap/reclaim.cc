#include "engine/heap/reclaim.h"

#include <algorithm>

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
    SweepToken token = pages >= least ? arc_claim(m, *span, h, Cause::kReclaim) : SweepToken();
    if (!token) {
      span = span->next;
      continue;
    }
    heap.busy_large_to_back(m, *span);  // out of the way of the next walk
    heap.lock().unlock(m, "reclaim: unlock mheap to sweep");
    if (sweep(m, heap, std::move(token), MCentral::Preserve::kNo, Cause::kReclaim)) reclaimed += pages;
    heap.lock().lock(m, "reclaim: lock mheap again");
    span = heap.busy_large().front();  // the list may be another one by now
  }
  return reclaimed;
}

}  // namespace

void reclaim_locked(HeapThread& m, MHeap& heap, uint32_t pages) {
  uint32_t reclaimed = 0;
  {
    // Large spans only, which are freed one by one: the end of the batch, under mheap.lock, has none to free.
    Sweeping counted(m, heap);
    reclaimed = reclaim_large(m, heap, pages, pages);
    if (reclaimed < pages) reclaimed += reclaim_large(m, heap, 1, pages - reclaimed);
  }
  if (reclaimed >= pages) return;
  heap.lock().unlock(m, "reclaim: unlock mheap for the unswept queue");
  // One span may be enough; where few are dead, batches grow.
  for (uint32_t most = 1; reclaimed < pages; most *= 2) {
    const std::optional<uint32_t> more = sweep_batch(m, heap, Cause::kReclaim, most);
    if (!more) break;
    reclaimed += *more;
    most = std::min(most, SweepBatch::kMost);
  }
  heap.lock().lock(m, "reclaim: lock mheap after the unswept queue");
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
