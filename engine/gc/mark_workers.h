// MarkWorkers: the threads of concurrent marking (Go: gcBgMarkWorker), within a budget of 25 % of the Ps.
//
//   dedicated   marks until there is no work left
//   fractional  at most one here, for what is left of the budget: rests when it has had its share and others want to
//               run (Go spreads the same share over all Ps), and after each slice in which a thread waited for a P
//   idle        the others: mark on a P that no thread wants, with a run permit that no thread wants; they borrow both,
//               so that a thread that waits, the fractional worker too, is no reason for a mutator to give way
//
// A worker owns a P while it marks and nothing while it waits. Dedicated and fractional workers need no run permit: the
// budget is their account, else a thousand mutators would come first. The stop of the world waits for workers as for
// mutators.
#pragma once

#include <deque>

#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/gc/m.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Collector;
class MarkPhase;
class Pacing;
class Sched;
class Threads;

class MarkWorkers {
 public:
  MarkWorkers(Threads& threads, Sched& sched, MarkPhase& marking, Pacing& pacing, Collector& collector,
              uint32_t count);
  ~MarkWorkers();  // no cycle is under way; joins them

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.leave_out(quit_, "the place of the thread that ends the engine says so");
  }

 private:
  void run(M& m, uint32_t number);
  void mark(M& m, MarkedBy kind);
  bool gives_way(const M& m, MarkedBy kind, uint64_t now) const;
  uint64_t fractional_ns(const M& m) const;
  uint64_t until_due(const M& m) const;
  void park(uint32_t number);
  MarkedBy kind_of(uint32_t number) const;
  bool may_run(uint32_t number) const;

  Sched& sched_;
  MarkPhase& marking_;
  Pacing& pacing_;
  Collector& collector_;
  Shared<uint32_t> quit_;
  std::deque<Thread> threads_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
