#include "engine/gc/policies/eager.h"

#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void EagerPolicy::in_pause(SchedThread& m) {
  NonPreemptible region(m);
  // World stopped: we own every mcache. flush_gen gets the h that the turn is about to set,
  // so that the mcaches count as flushed in the phase that begins.
  const uint32_t next = heap_.gen() + 2;
  for (uint32_t id = 0; id < sched_->procs(); ++id) {
    if (id + 1 < sched_->procs()) sched_->p(id + 1).mcache.prefetch();  // cold, as its P was idle
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
