// Where the objects of a span hold their references: in their first words. What a program declares for each object
// (mutator.h) is kept once for the span as long as its objects agree, and else as bits.
//
//   MSpan::refs = kNoLayout   no object was made yet
//                 n           each object made so far begins with n references
//                 kBitmap     the objects differ: HeapMemory::pointer_bits, a bit for each word
//
// The owner of the span moves it on, at an allocation: none, n, bitmap; a new tenant of the pages begins anew.
// Markers read it in PageInfo, beside the program. One that still reads n came by a reference to an object that was
// made before the change, and for that one n holds; who comes to a later object acquired the change with the reference.
// Without references, noscan, there is no layout. A large span has one object, so never bits.
#pragma once

#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline constexpr uint64_t kNoLayout = ~uint64_t{0};
inline constexpr uint64_t kBitmap = kNoLayout - 1;

// By the owner of a span of a small class that is not noscan: the new object in `slot` begins with `refs` references,
// 1 to the words of a slot, and span.refs is not that number.
void change_layout(MHeap& heap, MSpan& span, uint32_t slot, uint64_t refs);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
