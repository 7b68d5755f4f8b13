#include "engine/gc/policies/ragged.h"

#include "engine/base/fault.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

Colour RaggedPolicy::new_object_colour(const MCache& cache) {
  if (fault(Fault::kNoAllocateBlack)) return Colour::kWhite;
  return cache.flush_gen.peek() == heap_.gen() ? Colour::kWhite : Colour::kBlack;
}

void RaggedPolicy::at_acquire(SchedThread&, P& p) {
  if (p.mcache.flush_gen.peek() != heap_.gen()) p.mcache.tiny = 0;
}

void RaggedPolicy::at_slow_path(SchedThread& m) {
  prepare_for_sweep(m, heap_, *m.mcache, observe::FlushCause::kSlowPath);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
