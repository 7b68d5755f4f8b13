// Policy `lazy`: the seed, Go 873bd47dfb34, with Go's later repairs. Nothing is flushed in the pause. Each P flushes its
// own mcache when a thread acquires it, the coordinator its own in procresize, and for_each_p those of the Ps that stay
// idle; the flusher sweeps the stale spans.
#pragma once

#include "engine/gc/policies/policy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class LazyPolicy final : public FlushPolicy {
 public:
  using FlushPolicy::FlushPolicy;
  void at_acquire(M& m, P& p) override;
  void at_procresize(M& m, P& p) override;
  void before_start(M& m) override;
  BarrierResult after_start(M& m, uint64_t released_ns) override;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
