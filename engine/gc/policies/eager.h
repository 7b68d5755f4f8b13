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
  static constexpr uint32_t kPsOfAPiece = kLaboratory ? 1 : 16;  // the parent's root jobs
  void flush_some(HeapThread& m, uint32_t begin, uint32_t end);
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
