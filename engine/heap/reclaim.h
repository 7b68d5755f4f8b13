// Reclaim: before the heap takes `pages` more pages, that many are swept free, or all that there is (Go's
// mheap.reclaim). A heap whose sweep lags would grow otherwise although its garbage is known.
//
// Large objects first, since one of them may be enough: those of at least so many pages, then the smaller
// ones, then whatever the unswept queue yields. Spans that are swept or being swept are passed over
// and the walk continues: Go's ends there and gives up early (#21378).
#pragma once

#include "engine/heap/heap_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;

// By alloc_span, with mheap.lock held; it is given up around every sweep and held again at the end.
// Non-preemptible.
void reclaim_locked(HeapThread& m, MHeap& heap, uint32_t pages);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
