// Policy `ragged`: a P that wakes after the turn does not flush first. It continues with its STALE mcache and
// flushes it when it leaves the fast path anyway, so that no mutator's first instruction waits for a flush.
//
// An object from a STALE span is black: its mark bit is set and its size added to heap_live (malloc.cc).
// Whether it is, the span decides and never a global switch; in practice the mcache, because every slow path
// flushes all of it: either all its spans are STALE or none. So its owner asks once, when it takes the P
// (new_object_colour), and a flush resets it; malloc reads a plain field of its own mcache.
//
// The flush barrier is that of `lazy`, idle Ps first and then the running ones, counted as one sweeper from
// before the start to its end.
//
// Soundness.
//
//   (a) A STALE span is swept only by its flusher, in the same non-preemptible region in which its P stops
//       using it. So its marks hold every object allocated from it: those from before the turn that were
//       reached, and all newer ones. No object of it can be younger than the sweep and older than the end
//       of its use (I1, I2).
//
//   (b) The colour belongs to the span: white at h+3, black at h+1. Each mark set here is consumed by that
//       span's own sweep, which is still to come when it is set and comes before the next cycle. None
//       spills into that cycle's marking, where it would keep a dead object, or stop the marker short of a
//       live one (the worry in the seed's comment on allocating black).
//
//   (c) The block that small noscan objects share is dropped when a P with a STALE mcache is acquired: of a P that
//       stayed idle while the heap was marked it may be unmarked. The block of a P that ran through the turn was
//       greyed when that P was acquired, or is black.
//
//   (d) No cycle of waits. Refill, large allocation, ensure_swept, destruction of a P and a poll with a
//       request set first flush the thread's own mcache: no thread that waits for a STALE span holds one.
//       Idle Ps are flushed before the barrier waits for any running one. A running one polls, or it comes
//       to a slow path, or it blocks, and release_p checks for the request.
//
// I7 as `lazy`: worldsema is kept until the barrier has been through every P.
#pragma once

#include "engine/gc/policies/lazy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class RaggedPolicy final : public LazyPolicy {
 public:
  using LazyPolicy::LazyPolicy;
  void at_acquire(SchedThread&, P& p) override;
  void at_procresize(SchedThread&, P&) override {}
  Colour new_object_colour(const MCache& cache) override;
  void at_slow_path(SchedThread& m) override;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
