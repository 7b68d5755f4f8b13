// FlushPolicy: when mcaches are flushed around the turn, as named hooks (README.md).
//
// A policy is one file of hooks and one line in catalogue.cc. Its duties: every span in use at the turn is
// swept exactly once before the next one (I3); no thread allocates a white object from a STALE span (I1); when
// the next cycle begins every mcache is flushed (I7); sweeping does not count as complete before (I13).
//
// Hooks in the order in which a cycle meets them. Two more moments need none, as they are the same for all: a
// poll with a request runs what after_start gave to for_each_p, and a destroyed P is flushed by procresize.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "engine/gc/stopped_crew.h"
#include "engine/heap/repairs.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct BarrierResult {   // of a flush barrier
  uint64_t gate_ns = 0;  // start of the world until every P may run; 0: at once
};

class FlushPolicy : public AcquireHooks {
 public:
  FlushPolicy(MHeap& heap, Sched*& sched) : heap_(heap), sched_(sched) {}

  // Asked once, before the first thread runs. Which repairs of the seed the heap applies; whether completion
  // waits for MHeap::unflushed (else the policy holds a `sweepers` token as long as mcaches may be stale).
  virtual Repairs repairs() const { return {}; }
  virtual bool counts_unflushed() const { return false; }

  // Before a cycle, under worldsema, world running: m brings about that every mcache is flushed. gc_start
  // checks it next.
  virtual void help_at_gc_start(SchedThread&) {}
  // In the mark-termination pause, before h += 2 and before heap_live is recomputed. World stopped.
  // `crew`: has helpers, which may share the work; null: m flushes alone.
  virtual void in_pause(MarkThread&, StoppedCrew* /*crew*/) {}
  // Just before the world starts, still stopped.
  virtual void before_start(SchedThread&) {}
  // acquire_p and procresize's current P: what must happen before the first allocation after a turn.
  void at_acquire(SchedThread&, P&) override {}
  void at_procresize(SchedThread&, P&) override {}
  // The colour of objects that the new owner of this mcache allocates from it, until a flush makes it white.
  Colour new_object_colour(const MCache&) override { return Colour::kWhite; }
  // The flush barrier: after it started, under worldsema. released_ns: when it started. None: the policy has
  // no barrier, and none is measured.
  virtual std::optional<BarrierResult> after_start(SchedThread&, uint64_t /*released_ns*/) { return {}; }
  // Whether after_start() waits for other threads.
  virtual bool has_flush_barrier() const { return false; }
  // Slow paths of a thread that owns a P: refill, a large allocation, ensure_swept. Before they read a
  // span.
  virtual void at_slow_path(SchedThread&) {}
  // The background sweeper asks outside the world whether there may be work for it besides the unswept queue
  // ...
  virtual bool background_wanted() const { return false; }
  // ... and does a piece of it inside, so a stop waits for it: at most one mcache. False: nothing is left.
  virtual bool background_claim(SchedThread&) { return false; }
  // A forced cycle waits for a complete sweep, ensure_swept for a span: m, on a P, does what no other may do.
  virtual void help_sweep(SchedThread&) {}

  // What the policy itself remembers and acts on, for searches over states: all of it, as a number.
  virtual uint64_t memory() const { return 0; }

 protected:
  MHeap& heap_;
  Sched*& sched_;  // set once, before the first cycle: policy and scheduler refer to each other
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
