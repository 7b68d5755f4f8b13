// Where the objects of a span hold their references: in their first words. What a program declares for each object
// (mutator.h) is kept once for the span as long as its objects agree, and else as bits.
//
//   MSpan::refs = kNoLayout   no object was made yet
//                 n           each object made so far begins with n references
//                 kBitmap     the objects differ: HeapMemory::pointer_bits, a bit for each word
//
// The owner of the span changes it when it allocates, from none to n to bitmap; a new span on the same pages begins
// with none. Concurrent markers read it in PageInfo. A marker that still reads n has a reference to an object made
// before the change, for which n is right; a marker with a reference to a later object has acquired the change with it.
// noscan spans have no layout. A large span has one object: markers read its number in MSpan::refs, and it never has
// bits. The number is 0 until the object is clear: a cycle may begin while its memory is being cleared, and what a
// marker would find there are references of the objects before it.
#pragma once

#include "engine/base/heap_word.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline constexpr uint64_t kNoLayout = ~uint64_t{0};
inline constexpr uint64_t kBitmap = kNoLayout - 1;

// By the owner of a span of a small class that is not noscan: the new object in `slot` begins with `refs` references,
// 1 to the words of a slot, and span.refs is not that number.
void change_layout(MHeap& heap, MSpan& span, uint32_t slot, uint64_t refs);

// By the thread that made the large span: its object is clear and begins with `refs` references.
// release: pairs with the acquire of a marker, which then finds them null or stored by the program.
inline void publish_large(MSpan& span, uint64_t refs) {
  HeapWord(span.refs).put(refs, std::memory_order_release);
}
// By any thread. acquire: see publish_large.
inline uint64_t references_of_large(MSpan& span) {
  return HeapWord(span.refs).peek(std::memory_order_acquire);
}

// The references in the objects of a span, and where they are: what a marker reads (base/state.h). All else in an object
// is the program's.
template <class State>
void add_references(State& to, const HeapMemory& memory, const MSpan& span) {
  if (span.span_class.noscan() || span.refs == kNoLayout) return;
  const uint64_t* const pointer_bits = span.refs == kBitmap ? memory.pointer_bits(span.first_page) : nullptr;
  for (uint32_t slot = 0; slot < span.nelems; ++slot) {
    if (!span.holds_object(slot)) continue;
    const uint64_t first = uint64_t{slot} * span.elem_size / 8;
    const uint64_t words = pointer_bits != nullptr ? span.elem_size / 8 : span.refs;
    for (uint64_t word = first; word < first + words; ++word) {
      if (pointer_bits != nullptr && (pointer_bits[word / 64] >> (word % 64) & 1) == 0) continue;
      to.add(word);
      to.add(reinterpret_cast<const uint64_t*>(span.base)[word]);
    }
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
