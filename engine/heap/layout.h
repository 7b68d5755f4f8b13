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
// bits.
#pragma once

#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline constexpr uint64_t kNoLayout = ~uint64_t{0};
inline constexpr uint64_t kBitmap = kNoLayout - 1;

// By the owner of a span of a small class that is not noscan: the new object in `slot` begins with `refs` references,
// 1 to the words of a slot, and span.refs is not that number.
void change_layout(MHeap& heap, MSpan& span, uint32_t slot, uint64_t refs);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
