#include "engine/gc/policies/eager.h"

#include <algorithm>

#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void EagerPolicy::in_pause(MarkThread& m, StoppedCrew* crew) {
  const uint32_t procs = sched_->procs();
  if (procs < kPsForHelpers || crew == nullptr || crew->workers() == 1) return flush_some(m, 0, procs);
  next_.put(0);
  crew->run(m, [&](uint32_t, MarkThread& by) {
    while (true) {
      const uint32_t begin = next_.fetch_add(kPsOfAJob, std::memory_order_relaxed, "eager: take Ps to flush");
      if (begin >= procs) return;
      flush_some(by, begin, std::min(begin + kPsOfAJob, procs));
    }
  });
}

// World stopped: the coordinator owns every mcache, and lends it to a helper. flush_gen gets the h that the turn is
// about to set, so that the mcaches count as flushed in the phase that begins.
void EagerPolicy::flush_some(HeapThread& m, uint32_t begin, uint32_t end) {
  NonPreemptible region(m);
  const uint32_t next = heap_.gen() + 2;
  for (uint32_t id = begin; id < end; ++id) {
    if (id + 1 < end) sched_->p(id + 1).mcache.prefetch();  // cold, as its P was idle
    flush(m, heap_, sched_->p(id).mcache, next, observe::FlushCause::kStw);
  }
}

// Nothing to do, by construction; prepare_for_sweep checks just that (fatal "bad flushGen" otherwise).
void EagerPolicy::at_acquire(SchedThread& m, P& p) {
  prepare_for_sweep(m, heap_, p.mcache, observe::FlushCause::kAcquireP);
}
void EagerPolicy::at_procresize(SchedThread& m, P& p) {
  prepare_for_sweep(m, heap_, p.mcache, observe::FlushCause::kProcresize);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
