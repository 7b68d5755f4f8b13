#include "engine/gc/policies/eager.h"

#include <algorithm>

#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void EagerPolicy::in_pause(MarkThread& m, StoppedCrew* crew) {
  witness_flushes_due(sched_->procs());
  if (crew == nullptr) return flush_some(m, 0, sched_->procs());
  crew->run(m, [this, crew](uint32_t, MarkThread& by) {
    ReadScope scope;
    const uint32_t procs = sched_->procs();
    while (true) {
      const uint32_t begin = std::min(crew->take_piece() * kPsOfAPiece, procs);
      scope.holds(begin);
      if (begin == procs) return;
      flush_some(by, begin, std::min(begin + kPsOfAPiece, procs));
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
