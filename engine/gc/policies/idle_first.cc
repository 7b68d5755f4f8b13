#include "engine/gc/policies/idle_first.h"

#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::FlushCause;

bool IdleFirstPolicy::claim(SchedThread& m, uint32_t id, FlushCause cause) {
  P& p = sched_->p(id);
  // relaxed: stale and already flushed costs a claim for nothing; fresh is true, because only a flush makes
  // it so.
  if (p.mcache.flush_gen.load(std::memory_order_relaxed, "flusher: is this mcache stale?") == heap_.gen())
    return false;
  return sched_->claim_for_flush(m, p, [this, cause](SchedThread& by, P& claimed) {
    prepare_for_sweep(by, heap_, claimed.mcache, cause);
  });
}

void IdleFirstPolicy::claim_all(SchedThread& m, FlushCause cause) {
  if (heap_.unflushed.load(std::memory_order_seq_cst, "flusher: is any mcache stale?") == 0) return;
  for (uint32_t id = 0; id < sched_->procs(); ++id) claim(m, id, cause);
}

void IdleFirstPolicy::help_at_gc_start(SchedThread& m) {
  claim_all(m, FlushCause::kGcStart);
  // What is left is with its acquirer or with another flusher. seq_cst, and so acquire: their sweeps happened
  // before.
  heap_.sweep_completed.wait_until("gc_start: wait for the last mcaches to be flushed",
                                   [this] { return heap_.unflushed.peek(std::memory_order_seq_cst) == 0; });
}

// There may be no background sweeper, and a forced cycle must not wait for the next one.
void IdleFirstPolicy::help_sweep(SchedThread& m) { claim_all(m, FlushCause::kBackground); }

bool IdleFirstPolicy::background_wanted() const {
  return pass_of_ != heap_.gen_acquire() || next_p_ < sched_->procs();
}

bool IdleFirstPolicy::background_claim(SchedThread& m) {
  if (pass_of_ != heap_.gen()) {
    pass_of_ = heap_.gen();
    next_p_ = 0;
  }
  const uint32_t procs = sched_->procs();
  for (uint32_t visited = 0; visited < kVisitsAtOnce && next_p_ < procs; ++visited)
    if (claim(m, next_p_++, FlushCause::kBackground)) return true;
  if (next_p_ < procs) return true;
  next_p_ = ~0u;
  return false;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
