// The world word: how many threads run, and whether they must stop.
//
// One 32-bit word: bit 31 is the stop request, the rest counts the threads that are running (mutators and mark workers
// on a P, the background sweeper during a span, the coordinator). Entering and leaving are read-modify-writes
// on it, so a thread either enters before the stop and is waited for, or sees the stop and waits:
// stopping costs O(running), never O(idle).
// acq_rel throughout: leaving releases what the thread did, the coordinator's wait acquires it;
// starting releases what the coordinator did, entering acquires it.
#pragma once

#include "engine/base/shared.h"
#include "engine/base/wait_point.h"
#include "engine/sched/sched_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class World {
 public:
  World();

  void enter();  // counts the caller as running; waits while the world is stopped or stopping
  void leave();

  // By the coordinator, which is running and holds worldsema.
  void request_stop();
  void wait_stopped();  // until it is the only one running
  void start();

  bool stopping() const { return (word_.peek() & kStop) != 0; }
  bool stopped() const { return word_.peek() == (kStop | 1); }
  uint32_t running() const { return word_.peek() & ~kStop; }
  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(word_);
    to.add(attention);
  }

  // Non-zero: polls take their slow path
  // (a stop, a for_each_p, threads that wait for a permit, a viewer's pause).
  // relaxed: a stale value delays the poll's slow path, whose accesses have orders of their own.
  Shared<uint32_t> attention;

 private:
  static constexpr uint32_t kStop = 1u << 31;
  alignas(64) Shared<uint32_t> word_;  // acq_rel as above; relaxed first reads, which a CAS confirms
  WaitPoint all_stopped_;
  WaitPoint started_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
