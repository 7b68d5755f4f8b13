// FlushPolicy: when mcaches are flushed around the turn, as named hooks (PROTOCOL.md section 4b).
//
// A policy is one file of hooks and one line in catalogue.cc. Its duties: every span in use at the turn is
// swept exactly once before the next one (I3); nobody allocates from a STALE span (I1); at gc_start every
// mcache is flushed (I7).
#pragma once

#include <memory>
#include <string_view>

#include "engine/heap/repairs.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct BarrierResult {   // of the work after the world started
  uint64_t gate_ns = 0;  // until every P may run; 0: at once
};

class FlushPolicy : public AcquireHooks {
 public:
  FlushPolicy(MHeap& heap, Sched*& sched) : heap_(heap), sched_(sched) {}

  // Which repairs of the seed the heap applies. Asked once, before the first thread runs.
  virtual Repairs repairs() const { return {}; }

  // In the mark-termination pause, before h += 2 and before heap_live is recomputed. World stopped.
  virtual void in_pause(M&) {}
  // acquire_p and procresize's current P: what must happen before the first allocation after a turn.
  void at_acquire(M&, P&) override {}
  void at_procresize(M&, P&) override {}
  // Just before the world starts, still stopped; and after it started, under worldsema. released_ns: when it
  // started.
  virtual void before_start(M&) {}
  virtual BarrierResult after_start(M&, uint64_t /*released_ns*/) { return {}; }

 protected:
  MHeap& heap_;
  Sched*& sched_;  // set once, before the first cycle: policy and scheduler know each other
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
