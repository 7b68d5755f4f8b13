// Policy `idle-first`: our answer to N2 (Go #45894), the barrier that keeps every P from running until all
// idle ones are flushed. Here no thread waits for it: each P flushes its own mcache when a thread acquires it,
// as under `lazy`, and the background sweeper claims the Ps that stay idle one by one, by CAS and without
// sched.lock (Sched::claim_for_flush; sched/p.h weighs the two against each other). There is no for_each_p.
//
// What the barrier gave has to come from elsewhere:
//   completion   `unflushed` in the place of the barrier's `sweepers` token: the number of Ps at the turn,
//                one less after each flush and each destroyed P. Sweeping is complete at 0 and not before (I13).
//   next cycle   worldsema is free before the mcaches are flushed, so gc_start flushes what is left and waits
//                for 0 before it checks every flush_gen (I7).
//
// Soundness.
//   I1  As `lazy`: a thread allocates only on a P that it acquired or, as coordinator, kept over the start,
//       and both flush first. A claim cannot come between: a P is running or flushing, never both.
//   I4, I5  At STALE only the owner of the mcache writes: the thread that won the P's status, be it the
//       acquirer or one flusher.
//   I3  Every mcache is flushed once between two turns. Not twice: its owner reads flush_gen after it won the
//       P, with the acquire that pairs with the last flusher's release. Not never: at gc_start one pass over
//       all Ps leaves each of them fresh, or with a thread that flushes it before anything else: a P that the
//       pass finds running was acquired after the start and is flushed by its acquirer; one that it finds
//       flushing, or loses by CAS, by another flusher or an acquirer. Statuses that change without a flush do
//       so in a stopped world only. So `unflushed` reaches 0 without the help of the thread that waits for it.
//   L1  Those the waiting coordinator waits for hold a P or act for one, inside the world; they need neither
//       worldsema nor its P, and no stop can hold them up, because it is the coordinator that would call it.
//   procresize between two turns: a created mcache is fresh and not counted; a destroyed one is flushed and
//       comes off the count like any other.
#pragma once

#include "engine/gc/policies/lazy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class IdleFirstPolicy final : public LazyPolicy {
 public:
  using LazyPolicy::LazyPolicy;
  bool counts_unflushed() const override { return true; }
  void help_at_gc_start(SchedThread& m) override;
  void before_start(SchedThread&) override {}
  std::optional<BarrierResult> after_start(SchedThread&, uint64_t) override { return {}; }  // no thread waits
  bool has_flush_barrier() const override { return false; }
  bool background_wanted() const override;
  bool background_claim(SchedThread& m) override;
  void help_sweep(SchedThread& m) override;
  uint64_t memory() const override { return uint64_t{pass_of_} << 32 | next_p_; }

 private:
  bool claim(SchedThread& m, uint32_t p, observe::FlushCause cause);
  void claim_all(SchedThread& m, observe::FlushCause cause);

  // A stop waits for a claim: not for a walk over a thousand fresh Ps.
  static constexpr uint32_t kVisitsAtOnce = 32;

  // The background sweeper's own: its pass over the Ps of one sweep phase. One pass is enough, see I3.
  uint32_t pass_of_ = kFirstHeapGen;  // h
  uint32_t next_p_ = ~0u;             // behind the last one: the pass is over
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
