#include "engine/heap/mcentral.h"

#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/heap/mcache.h"
#include "engine/heap/mheap.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::Cause;

MCentral::MCentral(SpanClass span_class)
    : lock_(Rank::kMCentral, Word::kListLock, span_class.raw()), span_class_(span_class) {
  nmalloc_.bind(Word::kNmalloc, span_class.raw());
}

MSpan* MCentral::cache_span(HeapThread& m, MHeap& heap) {
  ReadScope scope;
  const uint32_t h = heap.gen();
  deduct_sweep_credit(m, heap, class_bytes(span_class_.size_class()), 0, Cause::kProportional);
  MSpan* span = take_from_lists(m, heap, h);
  if (span == nullptr) span = grow(m, heap);
  if (span == nullptr) return nullptr;

  check(m, span->alloc_count <= span->nelems, FatalCode::kAllocCountTooLarge, Operand{"span", span->id},
        Operand{"allocCount", span->alloc_count}, Operand{"nelems", span->nelems});
  const uint32_t free = span->nelems - span->alloc_count;
  check(m, free > 0 && !span->full(), FatalCode::kSpanHasNoFreeObjects, Operand{"span", span->id},
        Operand{"allocCount", span->alloc_count}, Operand{"nelems", span->nelems});
  // All free slots are promised to this P now; what it does not use is taken back when the span is uncached.
  // relaxed: counters, read exactly only in a stopped world.
  nmalloc_.add(free, std::memory_order_relaxed, "cache_span: count the free slots in nmalloc");
  heap.heap_live.add(uint64_t{free} * span->elem_size, std::memory_order_relaxed,
                     "cache_span: count the free slots in heap_live");
  span->rewind_alloc_cache();
  scope.returns(span->id);
  return span;
}

MSpan* MCentral::take_from_lists(HeapThread& m, MHeap& heap, uint32_t h) {
  // Counted on every path (repair of D3):
  // "sweep is complete" must not be declared while a direct sweeper is at work.
  Sweeping counted(m, heap);
  // Full spans that it may sweep in search of one with room.
  uint32_t budget = heap.repairs.full_spans_are_budgeted ? kFullSpansToSweep : ~0u;
  lock_.lock(m, "cache_span: lock mcentral");
  while (true) {
    for (MSpan* span = nonempty_.front(); span != nullptr; span = span->next) {
      // acquire: a span that its sweep left on this list became SWEPT outside this lock (T8a);
      // we use its bits next.
      const uint32_t raw =
          span->sweepgen.load(std::memory_order_acquire, "cache_span: look at a nonempty span");
      // Already being swept.
      if (raw == encode(SweepState::kSweeping, h) && !fault(Fault::kCachespanTakesSweeping)) continue;
      if (raw == encode(SweepState::kNeeds, h)) {
        SweepToken token = arc_claim(m, *span, h, Cause::kCacheSpan);
        if (!token) continue;
        nonempty_.remove(m, *span);
        empty_.push_back(m, *span);
        lock_.unlock(m, "cache_span: unlock mcentral to sweep");
        sweep(m, heap, std::move(token), Preserve::kYes, Cause::kCacheSpan);
        return span;
      }
      nonempty_.remove(m, *span);
      empty_.push_back(m, *span);
      lock_.unlock(m, "cache_span: unlock mcentral with a swept span");
      return span;
    }

    MSpan* swept = nullptr;
    for (MSpan* span = empty_.front(); span != nullptr && budget > 0; span = span->next) {
      // relaxed: nothing is taken on its strength; arc_claim acquires.
      const uint32_t raw =
          span->sweepgen.load(std::memory_order_relaxed, "cache_span: look at an empty-list span");
      if (raw == encode(SweepState::kSweeping, h)) continue;
      if (raw != encode(SweepState::kNeeds, h)) {
        // Swept spans are at the tail. A STALE cached one also ends the walk, although spans that need
        // sweeping may follow (N1): count what that may cost.
        if (raw == encode(SweepState::kStale, h)) ++m.grow_while_unswept;
        break;
      }
      SweepToken token = arc_claim(m, *span, h, Cause::kCacheSpan);
      if (!token) continue;
      --budget;
      empty_.remove(m, *span);
      empty_.push_back(m, *span);
      lock_.unlock(m, "cache_span: unlock mcentral to sweep a full span");
      sweep(m, heap, std::move(token), Preserve::kYes, Cause::kCacheSpan);
      swept = span;
      break;
    }
    if (swept == nullptr) break;
    if (swept->alloc_count != swept->nelems) return swept;
    lock_.lock(m, "cache_span: lock mcentral again");  // nothing was free in it; it stays on `empty`
  }
  lock_.unlock(m, "cache_span: unlock mcentral, nothing found");
  return nullptr;
}

MSpan* MCentral::grow(HeapThread& m, MHeap& heap) {
  MSpan* span = heap.alloc_span(m, class_pages(span_class_.size_class()), span_class_, 0);
  if (span == nullptr) return nullptr;
  Guard guard(m, lock_, "grow: lock mcentral");
  empty_.push_back(m, *span);
  return span;
}

// Counters first, then sweepgen; then the list of a fresh span, or the sweep of a stale one, which lists it or
// frees it: a span in which everything died is on no list, and goes back to the heap (D2, I11).
bool MCentral::uncache_span(HeapThread& m, MHeap& heap, MSpan& span) {
  ReadScope scope;
  // A span that was cached without objects has none above freeindex: no need to fetch its bits.
  const uint32_t allocated = span.alloc_count == 0 ? span.freeindex.peek() : span.allocated();
  // But for the first, which is the refill's.
  m.fast_allocs[heap.parity()] += uint64_t{span.count_allocated(allocated)} - 1;
  check(m, span.alloc_count != 0, FatalCode::kUncachingEmptySpan, Operand{"span", span.id});
  check(m, span.alloc_count <= span.nelems, FatalCode::kAllocCountTooLarge, Operand{"span", span.id},
        Operand{"allocCount", span.alloc_count}, Operand{"nelems", span.nelems},
        Operand{"freeindex", span.freeindex.peek()});
  const uint32_t h = heap.gen();
  const uint32_t free = span.nelems - span.alloc_count;
  // relaxed: ours. We own the cache that held it, and only the owner writes a cached span's sweepgen.
  const uint32_t raw = span.sweepgen.load(std::memory_order_relaxed, "uncache_span: is the span stale?");
  const bool stale = raw == encode(SweepState::kStale, h) && !fault(Fault::kUncacheNoStaleTest);

  // The slots that were promised and not used, before a sweep changes alloc_count (I10).
  FreeCounts& counts = taken_back(m);
  counts.unused[span_class_.size_class()] += free;
  if (stale) {
    sweep_stale(m, heap, span);
    return scope.returns(true);
  }

  arc_uncache(m, span, h, free > 0 ? observe::ListMembership::kNonempty : span.list);
  if (free > 0) {
    Guard guard(m, lock_, "uncache_span: lock mcentral");
    empty_.remove(m, span);
    nonempty_.push_front(m, span);
    // For release_all to take out of heap_live. Not for a stale span: heap_live was recomputed from the marks since
    // (I9).
    counts.unused_bytes += fault(Fault::kHeapliveNeverUndone) ? 0 : uint64_t{free} * span.elem_size;
  }
  return false;
}

bool MCentral::free_span(HeapThread& m, MHeap& heap, SweepToken&& token, Preserve preserve) {
  ReadScope scope;
  MSpan& span = token.span();
  const uint32_t h = heap.gen();
  const uint32_t raw = span.sweepgen.peek();
  check(m, raw != encode(SweepState::kStale, h) && raw != encode(SweepState::kCached, h),
        FatalCode::kFreeSpanGivenCachedSpan, Operand{"span", span.id}, Operand{"sweepgen", raw},
        Operand{"heap_sweepgen", h});

  if (preserve == Preserve::kYes) {
    check(m, span.list != observe::ListMembership::kNone, FatalCode::kCantPreserveUnlinkedSpan,
          Operand{"span", span.id});
    arc_swept(m, std::move(token), h, observe::Arc::kT8Swept);
    return false;
  }

  const bool dead = span.alloc_count == 0;
  // It has room and is where such spans are: no list changes, so the store alone publishes the sweep.
  if (!dead && nonempty_.contains(span)) {
    arc_swept(m, std::move(token), h, observe::Arc::kT8Swept);
    return false;
  }
  if (fault(Fault::kSweepgenBeforeListMove)) return scope.returns(publish_and_move(m, std::move(token), h));
  {
    Guard guard(m, lock_, "free_span: lock mcentral");
    (nonempty_.contains(span) ? nonempty_ : empty_).remove(m, span);
    if (!dead) {
      nonempty_.push_front(m, span);
      // The list move comes first: after this store refill may take and cache the span from the list.
      arc_swept(m, std::move(token), h, observe::Arc::kT8SweptListed);
      return false;
    }
  }
  // On no list, where no thread could find it SWEPT and take it.
  arc_swept(m, std::move(token), h, observe::Arc::kT8Swept);
  m.batch.add_dead(span);
  return scope.returns(true);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
