// StoppedCrew: threads that work with the coordinator in a stopped world: they mark (EngineOptions::concurrent_mark off),
// and flush mcaches (policy eager). They sleep otherwise, and touch the heap only while the coordinator waits for
// them, which keeps all other threads from stopping the world; so they hold no P and are not counted as running.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/gc/mark/mark_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Threads;

class StoppedCrew {
 public:
  StoppedCrew(Threads& threads, uint32_t helpers);
  ~StoppedCrew();

  uint32_t workers() const {
    return static_cast<uint32_t>(helpers_.size()) + 1;
  }  // the coordinator is worker 0
  // Runs `job(worker, m)` on every helper and on the caller; returns when all are done and their events handed over.
  // The flushes of the helpers then count as the caller's.
  void run(MarkThread& m, const std::function<void(uint32_t worker, MarkThread& m)>& job);

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    constexpr const char* kPlaces = "says what the places of the coordinator and its helpers say";
    to.leave_out(round_, kPlaces);
    to.leave_out(busy_, kPlaces);
    to.leave_out(quit_, kPlaces);
  }

 private:
  void work(uint32_t worker, MarkThread& m);

  std::vector<MarkThread*> helpers_;
  // release (after busy_, relaxed) by the coordinator, acquire by helpers: publishes job_.
  Shared<uint32_t> round_;
  // acq_rel by helpers, acquire by the coordinator: publishes their work.
  // relaxed when set: round_ publishes it.
  Shared<uint32_t> busy_;
  Shared<uint32_t> quit_;
  WaitPoint begin_, done_;
  const std::function<void(uint32_t, MarkThread&)>* job_ = nullptr;
  std::deque<Thread> threads_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
