// Policy `lazy`: the seed, Go 873bd47dfb34, with Go's later repairs. Nothing is flushed in the pause. Each P
// flushes its own mcache when a thread acquires it, the coordinator its own in procresize, and for_each_p
// those of the Ps that stay idle; the flusher sweeps the stale spans.
//
// Soundness: a thread allocates only on a P that it acquired or, as coordinator, kept over the start; both
// flush first, and a P stopped, ready or blocked at the stop comes back only through acquire_p (I1).
// for_each_p ends under worldsema, so no cycle begins before the mcaches of idle Ps are flushed as
// well (I3, I7). At +1 only the owner of the mcache writes: the thread that runs on the P, or for_each_p
// holding sched.lock while no thread does (I4, I5).
#pragma once

#include "engine/gc/policies/policy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class LazyPolicy : public FlushPolicy {
 public:
  using FlushPolicy::FlushPolicy;
  void at_acquire(SchedThread& m, P& p) override;
  void at_procresize(SchedThread& m, P& p) override;
  void at_slow_path(SchedThread& m) override;
  void before_start(SchedThread& m) override;
  std::optional<BarrierResult> after_start(SchedThread& m, uint64_t released_ns) override;
  bool has_flush_barrier() const override { return true; }

 protected:
  // for_each_p, idle Ps under the scheduler lock (N2: they wait until all of them are done).
  std::optional<BarrierResult> flush_barrier(SchedThread& m, uint64_t released_ns);
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
