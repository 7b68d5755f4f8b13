// Threads: every M of an engine, and which of them are in use.
//
// An M lives as long as its engine: one whose thread ended is reused for the next, and its counters and its
// stream of events continue. Any thread may add, borrow and give back, also while the world is stopped.
#pragma once

#include <deque>
#include <vector>

#include "engine/base/lock.h"
#include "engine/base/thread.h"
#include "engine/gc/m.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;

// Takes a lock for a caller without an M of its own, for as long as that takes.
// A whole M all the same: a failed check reads one.
struct Stranger : M {
  explicit Stranger(Fatal& fatal_port) { fatal = &fatal_port; }
};

class Threads {
 public:
  Threads(Fatal& fatal, observe::Observer* observer, MHeap& heap)
      : fatal_(fatal), observer_(observer), heap_(heap) {}
  ~Threads();  // every thread has ended; hands over the last events

  M& add();
  // For a thread that comes and goes: an M that was given back, or a new one. It is given back without P,
  // permit, handles and unsealed events.
  M& borrow();
  void give_back(M& m);

  // The M with which the calling OS thread runs program code, the one that owns a P if there are two (a
  // mutator in a blocking region that called the engine); null: it runs none.
  M* running_here();

  // A mutator's OS thread, until join_mutators() has joined it and given m back.
  void keep_mutator(Thread thread, M& m);
  void join_mutators();

  // Visits every M ever added. The list grows from outside the world, so even the coordinator of a stopped
  // one needs the lock; what it may read of an M is another matter.
  template <class F>
  void for_each(F visit) {
    Stranger visitor(fatal_);
    Guard guard(visitor, lock_, "threads: lock to visit them");
    for (M& m : all_) visit(m);
  }
  // Without the lock, while no other thread runs.
  template <class F>
  void peek_each(F visit) const {
    for (const M& m : all_) visit(m);
  }
  // base/state.h. visit(M), for what others add about each.
  template <class State, class F>
  void add_state(State& to, F visit) const {
    for (const M& m : all_) {
      m.add_state(to);
      visit(m);
    }
    for (const M* m : spare_) to.add(m->id);
  }

 private:
  struct RunningMutator {
    Thread thread;
    M* m = nullptr;
  };
  M& add_locked();

  Fatal& fatal_;
  observe::Observer* observer_;
  MHeap& heap_;
  Lock lock_{Rank::kThreads, Word::kThread};
  std::deque<M> all_;      // under lock_, like the two that follow; never moves an M
  std::vector<M*> spare_;  // of all_: without a thread
  std::vector<RunningMutator> mutators_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
