// Policy `eager`: Go's parent commit 457c8f4fe9. Every mcache is flushed inside the mark-termination pause,
// before the turn, without sweeping: fresh spans go back to their mcentrals as SWEPT and the turn
// makes them NEEDS like all others. STALE never occurs. The pause grows with the number of cached
// spans, which is what the seed change removed.
#pragma once

#include "engine/gc/policies/policy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class EagerPolicy final : public FlushPolicy {
 public:
  using FlushPolicy::FlushPolicy;
  void in_pause(SchedThread& m) override;
  void at_acquire(SchedThread& m, P& p) override;
  void at_procresize(SchedThread& m, P& p) override;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
