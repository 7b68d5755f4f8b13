// The malloc path (Go's mallocgc): one allocation, from the size to zeroed memory the collector knows.
//
//   size -> size class -> the P's cached span of that class -> its next free slot          (no lock, no atomic RMW)
//        -> slot used up: refill: a swept span of the mcentral, or sweep one, or fresh pages  (slow)
//        -> trigger reached: a collection first
//
// Everything between two safepoints is non-preemptible by construction: a thread stops only where it polls.
#include <algorithm>
#include <cstring>

#include "engine/base/witness.h"
#include "engine/engine.h"
#include "engine/gc/runtime.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// Sets `ones` pointer bits from `first` on and clears up to `total`: the object's layout for the markers.
void write_layout(uint64_t* bits, uint64_t first, uint64_t ones, uint64_t total) {
  uint64_t at = first;
  const uint64_t end = first + total;
  const uint64_t last_one = first + ones;
  while (at < end) {
    const uint64_t in_word = std::min<uint64_t>(64 - at % 64, end - at);
    const uint64_t mask = (in_word == 64 ? ~uint64_t{0} : ((uint64_t{1} << in_word) - 1)) << (at % 64);
    uint64_t set = 0;
    if (at < last_one) {
      const uint64_t n = std::min<uint64_t>(in_word, last_one - at);
      set = (n == 64 ? ~uint64_t{0} : ((uint64_t{1} << n) - 1)) << (at % 64);
    }
    bits[at / 64] = (bits[at / 64] & ~mask) | set;
    at += in_word;
  }
}

// The object comes from a STALE span: black, so that the span's own sweep, which is still to come, keeps it.
void blacken(M& m, MSpan& span, uint32_t slot) {
  // plain: marking is over, and only the owner of the mcache touches the bits of a STALE span.
  span.mark_bits()[slot / 64] |= uint64_t{1} << (slot % 64);
  // relaxed: a counter. heap_live holds nothing of a STALE span's free slots, so the object is new to it (I9).
  m.runtime->heap().heap_live.fetch_add(span.elem_size, std::memory_order_relaxed,
                                        "malloc: count the black object in heap_live");
  ++m.stale_allocs;
  witness_blackened(span.id, span.slot_address(slot));
}

void* allocate_large(M& m, size_t bytes, size_t refs) {
  Runtime& runtime = *m.runtime;
  MHeap& heap = runtime.heap();
  runtime.collector().collect_if_triggered(m);
  runtime.policy().at_slow_path(m);
  NonPreemptible region(m);
  if (bytes > heap.limit_bytes()) [[unlikely]]
    heap.fail_out_of_memory(m, bytes);
  const uint32_t pages = static_cast<uint32_t>((bytes + kPageSize - 1) >> kPageShift);
  // alloc_span is going to sweep `pages` itself.
  deduct_sweep_credit(m, heap, uint64_t{pages} << kPageShift, pages, observe::Cause::kLargeAlloc);
  MSpan* span = heap.alloc_span(m, pages, SpanClass(0, refs == 0), bytes);
  if (span == nullptr) [[unlikely]]
    heap.fail_out_of_memory(m, bytes);
  void* object = reinterpret_cast<void*>(span->base);
  if (span->need_zero) std::memset(object, 0, span->bytes());
  if (refs > 0) write_layout(heap.memory().pointer_bits(span->first_page), 0, refs, refs);
  witness_allocated_large(span->id, span->base, bytes);
  return object;
}

MSpan& refill_span(M& m, SpanClass span_class) {
  Runtime& runtime = *m.runtime;
  // Before the slot is taken, so that the collection cannot lose it. It may leave us on another P.
  runtime.collector().collect_if_triggered(m);
  runtime.policy().at_slow_path(m);
  MSpan* span = m.mcache->alloc[span_class.raw()];
  if (!span->full()) return *span;
  NonPreemptible region(m);
  return refill(m, runtime.heap(), span_class);
}

}  // namespace

void* allocate(Mutator& mutator, size_t bytes, size_t refs) {
  M& m = mutator.m();
  if (bytes > kMaxSmallSize) [[unlikely]] return allocate_large(m, bytes, refs);
  const SpanClass span_class(size_class_of(std::max<size_t>(bytes, 8)), refs == 0);
  MSpan* span = m.mcache->alloc[span_class.raw()];
  uint32_t slot = span->next_free();
  while (slot >= span->nelems) [[unlikely]] {
    span = &refill_span(m, span_class);
    slot = span->next_free();
  }
  if (m.mcache->colour == Colour::kBlack) [[unlikely]] blacken(m, *span, slot);
  if constexpr (kLaboratory) {
    witness_allocated(m.mcache->p, span->id, span->sweepgen.peek(), m.runtime->heap().gen(), m.mcache->flush_gen.peek(),
                      span->slot_address(slot), span->elem_size);
  }
  void* object = reinterpret_cast<void*>(span->slot_address(slot));
  if (span->need_zero) std::memset(object, 0, span->elem_size);
  if (refs > 0) {
    const uint64_t words = span->elem_size / 8;
    write_layout(m.runtime->heap().memory().pointer_bits(span->first_page), slot * words, refs, words);
  }
  return object;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
