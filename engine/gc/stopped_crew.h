// StoppedCrew: threads that work with the coordinator in a stopped world: they mark (EngineOptions::concurrent_mark off),
// and flush mcaches (policy eager). They sleep otherwise, and touch the heap only while the coordinator waits for
// them, which keeps all other threads from stopping the world; so they hold no P and are not counted as running.
#pragma once

#include <deque>
#include <vector>

#include "engine/base/function_ref.h"
#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/gc/mark/mark_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Threads;

class StoppedCrew {
 public:
  // Owned: with fault crew-not-awaited a helper may call it after run() has returned.
  using Job = InlineFunction<void(uint32_t worker, MarkThread& m)>;

  StoppedCrew(Threads& threads, uint32_t helpers);
  ~StoppedCrew();

  uint32_t workers() const {
    return static_cast<uint32_t>(helpers_.size()) + 1;
  }  // the coordinator is worker 0
  // Runs `job(worker, m)` on every helper and on the caller; returns when all are done and their events handed over.
  // The flushes of the helpers then count as the caller's. World stopped, by its coordinator.
  void run(MarkThread& m, Job job);
  // By the workers of a job that is cut into pieces: the next one that no worker has, from 0 in each run(). The job
  // knows how many there are; each worker gets one beyond the last, and then returns.
  uint32_t take_piece();

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    for (const Helper& helper : helpers_)
      to.add(round_.peek() - helper.round);  // 1: called, and has not begun
    to.leave_out(round_, "only grows; added above as what is read, the distance to each helper's round");
    to.add(busy_);
    to.add(next_piece_);
    to.add(quit_);
  }

 private:
  struct Helper {
    MarkThread* m;
    uint32_t round = 0;  // that it began last; its thread's own
  };
  void work(uint32_t worker, Helper& helper);
  uint32_t take_piece_in_two_steps();

  std::vector<Helper> helpers_;  // does not move after the constructor
  // release (after busy_, relaxed) by the coordinator, acquire by helpers: publishes job_ and next_piece_.
  Shared<uint32_t> round_;
  // acq_rel by helpers, acquire by the coordinator: publishes their work.
  // relaxed when set: round_ publishes it.
  Shared<uint32_t> busy_;
  Shared<uint32_t>
      next_piece_;  // relaxed: the pieces were published by the stop, what was done with them is by busy_
  Shared<uint32_t> quit_;
  WaitPoint begin_, done_;
  Job job_;  // of the run under way, or the last one
  std::deque<Thread> threads_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
