// What the laboratory's oracle receives from a stopped world.
#pragma once

#include "engine/base/witness.h"
#include "engine/heap/mheap.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Laboratory, world stopped: names every span in use and every mcache.
using Testimony = void(uint32_t subject, uint32_t generation, uint32_t h);
inline void testify(MHeap& heap, Sched& sched, Testimony of_span, Testimony of_mcache) {
  for (uint32_t id = 0; id < heap.span_ids(); ++id)
    if (heap.span(id).state.peek() == SpanState::kInUse)
      of_span(id, heap.span(id).sweepgen.peek(), heap.gen());
  for (uint32_t id = 0; id < sched.procs(); ++id)
    of_mcache(id, sched.p(id).mcache.flush_gen.peek(), heap.gen());
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
