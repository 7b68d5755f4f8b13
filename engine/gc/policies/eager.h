// Policy `eager`: Go's parent commit 457c8f4fe9. Every mcache is flushed inside the mark-termination pause,
// before the turn, without sweeping: fresh spans go back to their mcentrals as SWEPT and the turn
// makes them NEEDS like all others. STALE never occurs. The pause grows with the number of cached
// spans, which is what the seed change removed. As in Go the flushes are jobs that helpers share.
#pragma once

#include "engine/gc/policies/policy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class EagerPolicy final : public FlushPolicy {
 public:
  using FlushPolicy::FlushPolicy;
  void in_pause(MarkThread& m, StoppedCrew* crew) override;
  void at_acquire(SchedThread& m, P& p) override;
  void at_procresize(SchedThread& m, P& p) override;

 private:
  // The parent's root jobs. With fewer Ps waking a helper takes as long as flushing them all.
  static constexpr uint32_t kPsForHelpers = kLaboratory ? 2 : 64;
  static constexpr uint32_t kPsOfAJob = kLaboratory ? 1 : 16;
  void flush_some(HeapThread& m, uint32_t begin, uint32_t end);

  Shared<uint32_t> next_;  // the first P that is in no job yet; relaxed: the stop published the mcaches
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
