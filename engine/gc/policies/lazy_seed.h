// Policy `lazy-seed`: the seed as shipped, Go 873bd47dfb34, without Go's later repairs. For comparing and for
// teaching.
//
// It flushes where `lazy` does. What it keeps on purpose (engine/README.md; engine/heap/repairs.h names
// the places):
//
//   D1  sweep_one's check of a popped span that is not in use accepts only h: a false fatal stop "non in-use
//       span in unswept list" once a span was swept directly, freed, made again and cached between its two
//       unlocked reads. It needs a direct sweep that frees, reclaim's (scenario `reclaim`) or
//       ensure_swept's: cache_span and the seed's flush both preserve.
//
//   D2  uncache_span sweeps with preserve, then moves the list: a span in which everything died stays on
//       its mcentral.
//
//   D3  flushers and cache_span are not counted in `sweepers`, and no token stands for the barrier:
//       sweeping counts as complete while stale mcaches wait for it.
//
//   D4  a sweep of everything in a stopped world (EngineOptions::stw_sweep) leaves the spans of mcaches
//       stale and declares itself complete.
//
//   D6  a heap_live below the basis of the sweep credit makes a debt of the whole heap.
//
// Its stores to sweepgen are atomic all the same: plain ones are undefined behaviour in C++. D5 belongs to
// marking, which all policies share.
//
// Soundness: none of these breaks memory safety. Every mcache is still flushed between the turn and the first
// allocation (at_acquire, at_procresize) and before worldsema is given up (after_start), which is I1, I3 and
// I7; the stale span is h-1 from before its sweep to its end, so no other thread takes it; with the list move
// after the sweep it is SWEPT on `empty`, where cache_span takes nothing that is swept, until it is listed.
// I11 and I13 do not hold.
#pragma once

#include "engine/gc/policies/lazy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class LazySeedPolicy final : public LazyPolicy {
 public:
  using LazyPolicy::LazyPolicy;
  Repairs repairs() const override;
  void before_start(SchedThread& m) override;
  std::optional<BarrierResult> after_start(SchedThread& m, uint64_t released_ns) override;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
