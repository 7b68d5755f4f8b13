// Runtime: the parts of one engine and the threads that run it: makes them, connects them, ends them.
// Everything an Engine owns; no globals anywhere. A part gets references to those that it uses, never this.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/gc/allocator.h"
#include "engine/gc/assists.h"
#include "engine/gc/background_sweeper.h"
#include "engine/gc/collector.h"
#include "engine/gc/crash.h"
#include "engine/gc/finalizers.h"
#include "engine/gc/layers.h"
#include "engine/gc/mark/mark_phase.h"
#include "engine/gc/mark_workers.h"
#include "engine/gc/pacing.h"
#include "engine/gc/periodic_gc.h"
#include "engine/gc/policies/catalogue.h"
#include "engine/gc/prefaulter.h"
#include "engine/gc/scavenger.h"
#include "engine/gc/stopped_crew.h"
#include "engine/mutator.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Runtime {
 public:
  // Null and one line in `error` when the options do not fit.
  static std::unique_ptr<Runtime> create(const EngineOptions& options, std::string& error);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  const EngineOptions options;
  GlobalRoots globals;
  Crash crash;

  MHeap& heap() { return *heap_; }
  Threads& threads() { return *threads_; }
  const Threads& threads() const { return *threads_; }
  FlushPolicy& policy() { return *policy_; }
  Sched& sched() { return *sched_; }
  StoppedCrew& crew() { return *crew_; }
  MarkPhase& marking() { return *marking_; }
  BackgroundSweeper& sweeper() { return *sweeper_; }
  Pacing& pacing() { return *pacing_; }
  Collector& collector() { return *collector_; }
  Allocator& allocator() { return *allocator_; }
  Finalizers& finalizers() { return *finalizers_; }
  Layers layers() { return {*heap_, *sched_, *threads_, globals}; }

  void start_mutator(std::string_view name, std::function<void(Mutator&)> body);
  void join_mutators();
  // Makes the calling thread, which holds no P, a mutator, and no mutator again: engine/attached.h.
  M& attach();
  void detach(M& m);
  // Runs `work` on a thread that holds a P, from any thread that holds none.
  void on_p(FunctionRef<void(Mutator&)> work);
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  // base/state.h: everything. While no thread runs.
  template <class State>
  void add_state(State& to);

 private:
  explicit Runtime(const EngineOptions& options);
  void begin_program(M& m);
  void end_program(M& m);

  // In the order in which they are made; each uses those before it.
  std::unique_ptr<MHeap> heap_;
  std::unique_ptr<Threads> threads_;
  Sched* sched_pointer_ = nullptr;  // what the policy sees; set once
  std::unique_ptr<FlushPolicy> policy_;
  std::unique_ptr<Sched> sched_;
  std::unique_ptr<StoppedCrew> crew_;
  std::unique_ptr<MarkPhase> marking_;
  std::unique_ptr<BackgroundSweeper> sweeper_;
  std::unique_ptr<Pacing> pacing_;
  std::unique_ptr<Collector> collector_;
  std::unique_ptr<Assists> assists_;
  std::unique_ptr<Allocator> allocator_;
  std::unique_ptr<Finalizers> finalizers_;
  std::unique_ptr<MarkWorkers> workers_;     // null: marking stops the world
  std::unique_ptr<PeriodicGc> periodic_gc_;  // null: EngineOptions::periodic_gc_ns is 0, or a laboratory
  std::unique_ptr<Scavenger> scavenger_;     // null: EngineOptions::scavenger is off
  std::unique_ptr<Prefaulter>
      prefaulter_;                     // null: EngineOptions::prefault or huge_pages is off, or a laboratory
  std::atomic<bool> stopping_{false};  // relaxed: a hint
  std::atomic<uint32_t> attached_{0};  // threads between attach() and detach()
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
