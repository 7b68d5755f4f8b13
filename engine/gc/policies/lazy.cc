#include "engine/gc/policies/lazy.h"

#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::FlushCause;

// Between the turn and the first allocation on this P: the three places that do flush work in a correct run.
void LazyPolicy::at_acquire(SchedThread& m, P& p) {
  if (fault(Fault::kAcquirePNoFlush) || fault(Fault::kFlushOnlyInRefill)) return;
  prepare_for_sweep(m, heap_, p.mcache, FlushCause::kAcquireP);
}

void LazyPolicy::at_procresize(SchedThread& m, P& p) {
  if (fault(Fault::kProcresizeSkipsCurrent) || fault(Fault::kFlushOnlyInRefill)) return;
  prepare_for_sweep(m, heap_, p.mcache, FlushCause::kProcresize);
}

// Of a correct run none.
void LazyPolicy::at_slow_path(SchedThread& m) {
  if (fault(Fault::kFlushOnlyInRefill)) prepare_for_sweep(m, heap_, *m.mcache, FlushCause::kSlowPath);
}

// One token from before the start to the end of the barrier: while stale mcaches exist, sweeping is not
// complete (D3).
void LazyPolicy::before_start(SchedThread&) {
  if (!fault(Fault::kCompletionIgnoresFlushers)) heap_.begin_sweeper();
}

std::optional<BarrierResult> LazyPolicy::after_start(SchedThread& m, uint64_t released_ns) {
  ReadScope scope;
  const std::optional<BarrierResult> result = flush_barrier(m, released_ns);
  if (!fault(Fault::kCompletionIgnoresFlushers)) heap_.end_sweeper();
  return result;
}

std::optional<BarrierResult> LazyPolicy::flush_barrier(SchedThread& m, uint64_t released_ns) {
  if (fault(Fault::kNoFlushBarrier) || fault(Fault::kNoFlushBarrierNoCheck)) return {};
  const auto flush_p = [this](SchedThread& by, P& p) {
    prepare_for_sweep(by, heap_, p.mcache, FlushCause::kForEachP);
  };
  const ForEachResult done = sched_->for_each_p(m, flush_p);
  return BarrierResult{done.idle_done_ns - released_ns};
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
