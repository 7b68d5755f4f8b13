// Collector: one garbage collection cycle after the other, and the other stops of the world.
//
//   off ──▶ sweep termination ──▶ mark ──▶ mark termination ──▶ off
//     finish the last sweep         │        h += 2, start        └─ flush barrier of the policy,
//     check every flush_gen         │                                sweeping continues
//                                   └─ parallel, precise: in one stop with its neighbours, or between
//                                      two stops, concurrently
//                                      (EngineOptions::concurrent_mark, mark_phase.h)
//
// A cycle runs on the thread that wants it, which holds a P (procresize's current P). worldsema belongs to
// one coordinator from before the check of the flush_gens to after its flush barrier, so no cycle begins
// before the last one has flushed every mcache. Where marking happens in the stopped world the cycle is one
// stop: it is requested, stopped, released and started once, and the phases lie inside it.
//
// Records of cycles: each is handed once to EngineOptions::on_cycle, whose owner keeps what it wants; the
// collector itself remembers the last kKeptCycles.
#pragma once

#include <deque>
#include <functional>

#include "engine/gc/layers.h"
#include "engine/gc/mark/mark_phase.h"
#include "engine/gc/policies/policy.h"
#include "engine/observe/event.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class BackgroundSweeper;

class Collector {
 public:
  Collector(const Layers& layers, FlushPolicy& policy, MarkPhase& marking, BackgroundSweeper& sweeper,
            const EngineOptions& options);

  // Before a refill or a large allocation: runs a cycle if heap_live reached the trigger, cheap when it did
  // not. While another thread collects, waits for its end if heap_live is beyond the bound (hold_back).
  // May stop the world: raw pointers die, m may come back on another P.
  void collect_if_triggered(M& m);
  // A complete cycle, begun after the call, and its sweep (Go: runtime.GC).
  void collect_now(M& m);

  // Runs `work` in a stopped world; procs: the number of Ps it starts with. `after`: once the world runs
  // again, still under worldsema, so no cycle begins or ends meanwhile.
  Pause stopped(M& m, observe::StwReason reason, uint32_t procs, const std::function<void()>& work,
                const std::function<void()>& after = {});

  // Before any other thread runs: reports the trigger and the goal of the first cycle.
  void emit_start(M& m) { emit_pacing(m, 0); }

  // The turn, T5: sweeping begins. World stopped, marking over
  // (fatal "gcSweep being done but phase is not GCoff").
  void begin_sweep(M& m);
  Shared<observe::Phase>& phase_for_testing() { return phase_; }

  // By any thread, also during a cycle: trigger, goal and sweep slope change now, together.
  void set_gogc(uint32_t percent);
  uint64_t trigger() const { return trigger_.peek(); }
  uint32_t cycles() const { return cycles_.load(std::memory_order_acquire); }
  observe::Phase phase() const { return phase_.peek(); }
  const std::deque<CycleRecord>& records() const { return records_; }  // under worldsema
  uint64_t objects_verified() const { return objects_verified_; }

  // What Go's coordinator may do once the world runs again (profile records, trace output) and ours does not:
  // the harm that fault procresize-skips-current is about. Set once, before any thread runs.
  std::function<void(M&)> allocate_before_barrier;

 private:
  void cycle(M& m, bool forced);
  void take_worldsema(M& m);
  void hold_back(M& m);
  void check_flush_gens(M& m);
  void sweep_termination(M& m, CycleRecord& record);
  void mark_stopped(M& m, CycleRecord& record);
  void mark_concurrently(M& m, CycleRecord& record);
  void note_marked(M& m, CycleRecord& record, const MarkTotals& marked);
  void mark_termination(M& m, CycleRecord& record);
  std::optional<FlushBarrier> flush_barrier(M& m, Pause& pause);
  void finish_sweep(M& m);
  void wait_for_sweep(M& m);
  void sweep_stopped(M& m, Pause& pause);
  void set_trigger(M& m, CycleRecord& record);
  void pace_locked(M& m, uint32_t cycle);
  void emit_pacing(M& m, uint32_t cycle);
  void enter_phase(M& m, observe::Phase phase);
  void stop_world(M& m, Pause& pause, observe::StwReason reason);
  void start_world(M& m, Pause& pause, uint32_t procs, uint64_t done);
  void edge(M& m, observe::StwEdge edge, const Pause& pause, uint64_t ns);

  const EngineOptions& options_;
  Layers layers_;
  MHeap& heap_;
  Sched& sched_;
  FlushPolicy& policy_;
  MarkPhase& marking_;
  BackgroundSweeper& sweeper_;
  Lock worldsema_{Rank::kWorldSema, Word::kWorldSema};
  WaitPoint worldsema_free_;
  Shared<observe::Phase> phase_;  // relaxed: written in a stopped world, the start publishes it
  Shared<uint64_t>
      bound_;  // heap_live in bytes; ~0 = none. relaxed: a stale value holds back later or longer
  Shared<uint64_t> trigger_;    // heap_live in bytes; ~0 = off. relaxed: a stale value starts a cycle later
  std::atomic<uint32_t> gogc_;  // relaxed: a setting; written under mheap.lock
  uint64_t paced_marked_ = 0;   // bytes: the basis of the trigger; under mheap.lock
  std::atomic<uint32_t> cycles_{0};  // release when one is complete, acquire by callers that ask how many are
  uint32_t cycle_number_ = 0;        // under worldsema
  std::deque<CycleRecord> records_;  // the last kKeptCycles; under worldsema
  uint64_t heap_marked_ = 0;  // bytes, by the last marking that is complete; written in a stopped world
  uint64_t objects_verified_ = 0;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
