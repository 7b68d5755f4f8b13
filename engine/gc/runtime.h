// Runtime: the parts of one engine and the threads that run it.
// Everything an Engine owns; no globals anywhere.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>

#include "engine/gc/background_sweeper.h"
#include "engine/gc/collector.h"
#include "engine/gc/crash.h"
#include "engine/gc/policies/catalogue.h"
#include "engine/gc/roots.h"
#include "engine/mutator.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Who takes a lock without an M of its own, for as long as that takes.
// An M all the same: a failed check wants one.
struct Stranger : M {
  explicit Stranger(Crash& crash) { fatal = &crash; }
};

class Runtime {
 public:
  // Null and one line in `error` when the options do not fit.
  static std::unique_ptr<Runtime> create(const EngineOptions& options, std::string& error);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  const EngineOptions options;
  MHeap& heap() { return *heap_; }
  Sched& sched() { return *sched_; }
  Collector& collector() { return *collector_; }
  BackgroundSweeper& sweeper() { return *sweeper_; }
  FlushPolicy& policy() { return *policy_; }
  GlobalRoots globals;
  Crash crash;

  // A thread of the engine, registered for its lifetime. Its M stays valid until the runtime goes.
  M& add_thread();
  // An M for a thread that comes and goes: one that was given back, or a new one.
  // Its counters and its stream of telemetry continue where the last thread left them.
  // Given back without P, permit, handles and unsealed events.
  M& borrow_thread();
  void give_back_thread(M& m);
  void start_mutator(std::string_view name, std::function<void(Mutator&)> body);
  void join_mutators();
  // Runs `work` on a thread that holds a P, from any thread that holds none.
  void on_p(const std::function<void(Mutator&)>& work);
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  // Visits every M ever added. The list grows from outside the world, so even the coordinator of a stopped
  // one needs the lock; what it may read of an M is another matter.
  template <class F>
  void for_each_thread(F visit) {
    Stranger visitor(crash);
    Guard guard(visitor, threads_lock_, "threads: lock to visit them");
    for (M& m : threads_) visit(m);
  }
  // For the laboratory, while no fiber runs.
  const std::deque<M>& threads() const { return threads_; }
  std::span<M* const> spare_threads() const { return spare_; }

 private:
  struct Running {  // a mutator that was not joined yet
    Thread thread;
    M* m = nullptr;
  };
  explicit Runtime(const EngineOptions& options);
  M& add_thread_locked();
  M* running_here();

  std::unique_ptr<MHeap> heap_;
  Sched* sched_pointer_ = nullptr;  // what the policy sees; set once
  std::unique_ptr<FlushPolicy> policy_;
  std::unique_ptr<Sched> sched_;
  std::unique_ptr<Collector> collector_;
  std::unique_ptr<BackgroundSweeper> sweeper_;
  Lock threads_lock_{Rank::kThreads, Word::kThread};
  std::deque<M> threads_;  // under threads_lock_, like the two that follow
  std::vector<M*> spare_;  // of threads_: without a thread
  std::vector<Running> mutators_;
  std::atomic<bool> stopping_{false};  // relaxed: a hint
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
