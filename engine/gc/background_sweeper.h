// The background sweeper: a thread that sweeps the unswept queue after each turn (Go's bgsweep), a batch at a time.
//
// It holds no P. It counts as running during each batch, so a stop waits for the batch and never
// finds a half-swept span. It parks when the queue is empty and the last claim is done, and the flush
// policy has no mcache for it to flush. Those come first: the queue's spans can be swept by any thread
// on the way, an idle P's only by a flusher.
#pragma once

#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/gc/policies/policy.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class BackgroundSweeper {
 public:
  BackgroundSweeper(MHeap& heap, World& world, FlushPolicy& policy, SchedThread& m);
  ~BackgroundSweeper();  // after finish()
  void start();
  void wake() { work_.wake_one(); }  // after the turn, which opens the sweep
  void finish();                     // ends the thread and joins it
  // World stopped, by its coordinator: what the sweeper emitted belongs to the epoch that ends. It hands over a chunk
  // when it is full or has no work left, not after each batch.
  void seal_stopped() { m_.emitter.seal(); }

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.leave_out(quit_, "the place of the thread that ends the engine says so");
  }

 private:
  void run();

  MHeap& heap_;
  World& world_;
  FlushPolicy& policy_;
  SchedThread& m_;
  Shared<uint32_t> quit_;
  WaitPoint work_;
  Thread thread_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
