// The scavenger: a thread that gives the memory of free pages back to the system (Go's bgscavenge), so that the
// resident memory of the process follows what is in use.
//
//   parked ──a sweep is complete──▶ pass ──▶ parked
//                                    └─ piece by piece, longest runs first (page_runs.h), while more free
//                                       pages hold old contents than pacer::retained_free
//                                       keeps for the highest goal of the last cycles
//
// It begins when the sweep after a mark termination is complete, not at the mark termination: by then the goal is the
// new one too, and the pages of the dead are free. If a sweep completes just before the next turn, its pass may be
// skipped; the next complete sweep starts one.
//
// It owns no P and no run permit, and no stop waits for it: it may scavenge while the world is stopped. What
// it shares with other threads is under mheap.lock, which it holds for a look at some runs at a time and never during a
// system call. It rests after each piece, for kRest times as long as the piece took.
//
// Laboratory: there is no goal that so small a heap could exceed, and no clock. Whether the next piece is given back is
// a choice of the schedule.
#pragma once

#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/gc/collector.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Scavenger {
 public:
  Scavenger(MHeap& heap, const Pacing& pacing, HeapThread& m);  // starts the thread
  ~Scavenger();                                                 // ends and joins it
  void wake();  // by mark termination, once the world runs: the sweep has begun

  // base/state.h. The place of a pass in the free runs is missing: no search over states with a scavenger (scenario.cc).
  template <class State>
  void add_state(State& to) const {
    to.add(sweeps_);
    to.leave_out(quit_, "the place of the thread that ends the engine says so");
  }

 private:
  void run();
  void pass();
  uint64_t keep() const;  // bytes of free pages that hold old contents

  // 5 % of a core while there is something to give back, where Go takes 1 %: a user of the dashboard watches, and 500
  // MB are back within a second or two.
  static constexpr uint64_t kRest = 19;

  MHeap& heap_;
  const Pacing& pacing_;
  HeapThread& m_;
  Shared<uint32_t> quit_;
  Shared<uint32_t> sweeps_;  // that have begun
  WaitPoint parked_, resting_;
  Thread thread_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
