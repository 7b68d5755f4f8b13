// What may take the place of a step of uncache_span and free_span: the seed as shipped, and faults of the laboratory.
// mcentral.cc is the protocol without them.
#include "engine/base/fault.h"
#include "engine/heap/mcache.h"
#include "engine/heap/mcentral.h"
#include "engine/heap/mheap.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::Cause;

// The one point at which a stale span that leaves its mcache meets its variant.
void MCentral::sweep_stale(HeapThread& m, MHeap& heap, MSpan& span) {
  if (fault(Fault::kHeapliveUndoneWhenStale)) return undo_heap_live_and_sweep(m, heap, span);
  if (fault(Fault::kNmallocAfterSweep)) return sweep_and_count_unused(m, heap, span);
  if (fault(Fault::kListedWhileStale)) return list_claim_and_sweep(m, heap, span);
  if (fault(Fault::kSweptBeforeSweep)) return claim_list_and_sweep(m, heap, span);
  sweep_claimed(m, heap, arc_claim_stale(m, span, heap.gen()));
}

void MCentral::sweep_claimed(HeapThread& m, MHeap& heap, SweepToken&& token) {
  if (heap.repairs.uncache_order == UncacheOrder::kSweepPreserves || fault(Fault::kPreservingSweep))
    return sweep_as_shipped(m, heap, std::move(token));
  sweep(m, heap, std::move(token), Preserve::kNo, Cause::kFlush);
}

// D2: swept with preserve, and listed afterwards.
void MCentral::sweep_as_shipped(HeapThread& m, MHeap& heap, SweepToken&& token) {
  MSpan& span = token.span();
  sweep(m, heap, std::move(token), Preserve::kYes, Cause::kFlush);
  // Still on `empty`, from which no thread takes a swept span: ours to move.
  if (empty_.contains(span)) list_with_room(m, span);
}

void MCentral::undo_heap_live_and_sweep(HeapThread& m, MHeap& heap, MSpan& span) {
  const uint32_t free = span.nelems - span.alloc_count;
  heap.heap_live.sub(uint64_t{free} * span.elem_size, std::memory_order_relaxed,
                     "uncache_span: take unused slots of a stale span out of heap_live");
  sweep_claimed(m, heap, arc_claim_stale(m, span, heap.gen()));
}

void MCentral::sweep_and_count_unused(HeapThread& m, MHeap& heap, MSpan& span) {
  uint64_t& unused = taken_back(m).unused[span_class_.size_class()];
  unused -= span.nelems - span.alloc_count;  // uncache_span has counted them, as it should
  sweep_claimed(m, heap, arc_claim_stale(m, span, heap.gen()));
  unused += span.nelems - span.alloc_count;
}

void MCentral::list_claim_and_sweep(HeapThread& m, MHeap& heap, MSpan& span) {
  list_with_room(m, span);
  sweep_claimed(m, heap, arc_claim_stale(m, span, heap.gen()));
}

void MCentral::claim_list_and_sweep(HeapThread& m, MHeap& heap, MSpan& span) {
  SweepToken token = arc_claim_stale(m, span, heap.gen());
  list_with_room(m, span);
  sweep_claimed(m, heap, std::move(token));
}

// Onto `nonempty`, unless it is full.
void MCentral::list_with_room(HeapThread& m, MSpan& span) {
  if (span.alloc_count == span.nelems) return;
  Guard guard(m, lock_, "uncache_span: lock mcentral for a stale span");
  empty_.remove(m, span);
  nonempty_.push_front(m, span);
}

// Fault sweepgen-before-list-move. True: dead.
bool MCentral::publish_and_move(HeapThread& m, SweepToken&& token, uint32_t h) {
  MSpan& span = token.span();
  const bool dead = span.alloc_count == 0;
  arc_swept(m, std::move(token), h, observe::Arc::kT8SweptListed);
  {
    Guard guard(m, lock_, "free_span: lock mcentral");
    (nonempty_.contains(span) ? nonempty_ : empty_).remove(m, span);
    if (!dead) nonempty_.push_front(m, span);
  }
  if (dead) m.batch.add_dead(span);
  return dead;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
