#include "engine/heap/mcache.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <optional>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/heap/arcs.h"
#include "engine/heap/mheap.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void MCache::init(MHeap& heap, uint16_t p_id, uint32_t h) {
  alloc.fill(&heap.empty_span);
  flush_gen.bind(Word::kFlushGen, p_id);
  // Fault: as a fresh mcache is born (Go: zero; our h begins at kFirstHeapGen).
  flush_gen.put(fault(Fault::kNewMcacheNoFlushgen) ? kFirstHeapGen : h);
  p = p_id;
  cached = 0;
  colour = heap.birth_colour();
  black_bytes = 0;
  for (uint64_t& word : occupied_) word = 0;
}

void MCache::install(MSpan& span) {
  const uint8_t c = span.span_class.raw();
  alloc[c] = &span;
  occupied_[c / 64] |= uint64_t{1} << (c % 64);
  ++cached;
}

void MCache::drop(MHeap& heap, uint8_t raw_class) {
  witness_uncached(p, alloc[raw_class]->id);
  alloc[raw_class] = &heap.empty_span;
  --cached;
}

void cache_swept(HeapThread& m, MHeap& heap, MSpan& span) {
  MCache& cache = *m.mcache;
  const uint32_t h = heap.gen();
  const uint32_t freeindex = span.freeindex.peek();
  check(m, span.alloc_count != span.nelems, FatalCode::kSpanHasNoFreeSpace, Operand{"span", span.id});
  // Go checks both of these in nextFree, at each allocation. Here the slots that will be handed out are
  // counted once, before the first of them: the fast path pays nothing.
  check(m, freeindex < span.nelems, FatalCode::kFreeIndexNotValid, Operand{"span", span.id},
        Operand{"freeindex", freeindex}, Operand{"nelems", span.nelems});
  const uint32_t by_bits = span.allocated();
  check(m, by_bits == span.alloc_count, FatalCode::kAllocCountMismatch, Operand{"span", span.id},
        Operand{"allocCount", span.alloc_count}, Operand{"by_bits", by_bits}, Operand{"freeindex", freeindex},
        Operand{"nelems", span.nelems});

  // From here on asynchronous sweepers of the next phase leave it alone:
  // the turn will make it STALE, not NEEDS.
  arc_cache(m, span, h);
  cache.install(span);
}

MSpan* refill(HeapThread& m, MHeap& heap, SpanClass span_class) {
  ReadScope scope;
  check(m, m.non_preemptible > 0, FatalCode::kMIsNotLocked);
  MCache& cache = *m.mcache;
  const uint32_t h = heap.gen();
  MSpan* old = cache.alloc[span_class.raw()];
  check(m, old->full(), FatalCode::kRefillOfSpanWithFreeSpace, Operand{"span", old->id},
        Operand{"freeindex", old->freeindex.peek()}, Operand{"nelems", old->nelems});
  if (old != &heap.empty_span) {
    // Derived at slow paths only; a full span has handed out every slot, the first one by the refill that cached it.
    m.fast_allocs[heap.parity()] += uint64_t{old->count_allocated(old->nelems)} - 1;
    // After this the span is reachable by sweepers of the next cycle; it stays on the empty list.
    arc_replace_full(m, *old, h);
    cache.drop(heap, span_class.raw());
  }

  MSpan* span = heap.central(span_class).cache_span(m, heap);
  if (span == nullptr) return nullptr;
  cache_swept(m, heap, *span);
  scope.returns(span->id);
  return span;
}

// Spans of an idle P are cold, and a flush of many Ps waits for memory more than for anything else:
// one miss after the other, unless they are asked for ahead: first the span, then the bits it points to.
namespace {
constexpr size_t kFetchAhead = 12, kFetchBitsAhead = 6;  // spans
}

// A fresh span costs no atomic read-modify-write here but its list's lock. What the P did not use goes
// into plain counters of the acting thread's mcache, and heap_live is corrected once for all spans.
// That is exact where it counts: a thread that releases is non-preemptible or has stopped the world,
// so every stop waits for the end of this function, and no stopped state lies between a span's T4
// and the correction (I9, I10). A running thread may read heap_live too high by the free slots of one mcache
// for the length of a flush, as it did before the flush.
//
// The flusher counts as one sweeper from the first span to the last (D3), be they stale or not: they are one batch, and
// the dead ones among them go back to the heap together.
FlushResult release_all(HeapThread& m, MHeap& heap, MCache& cache) {
  FlushResult result;
  const Sweeping counted(m, heap);
  std::array<uint8_t, kNumSpanClasses> held;
  size_t count = 0;
  for (size_t word = 0; word < std::size(cache.occupied_); ++word)
    for (uint64_t left = std::exchange(cache.occupied_[word], 0); left != 0; left &= left - 1)
      held[count++] = static_cast<uint8_t>(word * 64 + static_cast<size_t>(std::countr_zero(left)));
  for (size_t i = 0; i < std::min(count, kFetchAhead); ++i) cache.alloc[held[i]]->prefetch();
  for (size_t i = 0; i < count; ++i) {
    if (i + kFetchAhead < count) cache.alloc[held[i + kFetchAhead]]->prefetch();
    if (i + kFetchBitsAhead < count) cache.alloc[held[i + kFetchBitsAhead]]->prefetch_bits();
    MSpan* span = cache.alloc[held[i]];
    if (span == &heap.empty_span) continue;
    result.swept += heap.central(SpanClass::from_raw(held[i])).uncache_span(m, heap, *span) ? 1 : 0;
    cache.drop(heap, held[i]);
    ++result.spans;
  }
  cache.tiny = fault(Fault::kTinyNotCleared) ? cache.tiny : 0;
  // cache_span counted the unused slots in heap_live; undo that.
  const uint64_t unused = std::exchange(taken_back(m).unused_bytes, 0);
  if (unused > 0)
    heap.heap_live.sub(unused, std::memory_order_relaxed, "release_all: take unused slots out of heap_live");
  return result;
}

namespace {

uint64_t objects_freed(const MCache& cache) {
  return std::accumulate(cache.frees.small.begin(), cache.frees.small.end(), uint64_t{0});
}

// release_all, counted and emitted. gen: what flush_gen becomes; nothing: it stays.
void empty(HeapThread& m, MHeap& heap, MCache& cache, std::optional<uint32_t> gen,
           observe::FlushCause cause) {
  const ReadScope scope;
  const bool observed = m.emitter.enabled();
  const uint64_t begin = observed ? now_ns() : 0;
  const uint64_t freed_before = observed ? objects_freed(cache) : 0;
  const bool stale = cache.flush_gen.peek() != heap.gen();
  // Events and freed objects of this flush belong to the P whose cache it is, not to the flusher's own.
  MCache* own = std::exchange(m.mcache, &cache);
  const bool too_early = gen && fault(Fault::kFlushgenBeforeFlush);
  // release, like the store below that it takes the place of.
  if (too_early)
    cache.flush_gen.store(*gen, std::memory_order_release, "flush: flush_gen := h before the flush");
  const FlushResult result = release_all(m, heap, cache);
  heap.stacks.clear(m, cache.stacks);
  // release, after the last sweep of the flush:
  // pairs with the acquire in gc_start's check that every mcache is flushed.
  if (gen && !too_early && !fault(Fault::kFlushgenNeverStored))
    cache.flush_gen.store(*gen, std::memory_order_release, "flush: done, flush_gen := h");
  cache.colour = fault(Fault::kFlushWhitens) ? Colour::kWhite : heap.birth_colour();
  if (stale && gen && heap.counts_unflushed) heap.mcache_flushed();
  m.mcache = own;
  ++m.flushes[static_cast<size_t>(cause)];
  m.flushed_spans[static_cast<size_t>(cause)] += result.spans;
  witness_mcache_flushed(cache.p, result.spans);
  if (observed) {
    m.emitter.emit(observe::Flush{{stamp(), observe::EventKind::kFlush, static_cast<uint8_t>(cause), cache.p,
                                   static_cast<uint32_t>(cache.black_bytes)},
                                  static_cast<uint16_t>(result.spans),
                                  static_cast<uint16_t>(result.swept),
                                  static_cast<uint32_t>(now_ns() - begin),
                                  cache.flush_gen.peek(),
                                  static_cast<uint32_t>(objects_freed(cache) - freed_before)});
  }
  cache.black_bytes = 0;
}

}  // namespace

void flush(HeapThread& m, MHeap& heap, MCache& cache, uint32_t gen, observe::FlushCause cause) {
  empty(m, heap, cache, gen, cause);
}

void release(HeapThread& m, MHeap& heap, MCache& cache, observe::FlushCause cause) {
  NonPreemptible region(m);
  empty(m, heap, cache, std::nullopt, cause);
}

void prepare_for_sweep(HeapThread& m, MHeap& heap, MCache& cache, observe::FlushCause cause) {
  const ReadScope scope;
  const uint32_t h = heap.gen();
  // relaxed: the caller owns the cache; ownership came with an acquire of the P's status.
  const uint32_t flush_gen =
      cache.flush_gen.load(std::memory_order_relaxed, "prepare_for_sweep: is the mcache stale?");
  if (flush_gen == h) return;
  check(m, flush_gen == h - 2, FatalCode::kBadFlushGen, Operand{"p", cache.p},
        Operand{"flush_gen", flush_gen}, Operand{"heap_sweepgen", h});
  NonPreemptible region(m);
  flush(m, heap, cache, h, cause);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
