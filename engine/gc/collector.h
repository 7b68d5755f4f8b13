// Collector: one garbage collection cycle after the other, and the other stops of the world.
//
//   off ──▶ sweep termination ──▶ mark ──▶ mark termination ──▶ off
//     finish the last sweep         │        h += 2, start        └─ flush barrier of the policy,
//     check every flush_gen         │                                sweeping continues
//                                   └─ parallel and precise; concurrent between two stops, or inside the
//                                      one stop of the cycle (EngineOptions::concurrent_mark, mark_phase.h)
//
// As in Go, no thread runs a cycle. The thread that wants one runs the transition to marking (gc_start) and continues
// its program; workers and assists mark; the thread that finds no work left runs the transition to sweeping (mark
// termination). Each owns a P (procresize's current P). Stopped marking is one stop by the thread that wants the cycle,
// requested, stopped, released and started once, with the phases inside.
//
// worldsema belongs to the cycle from before the check of the flush_gens to after its flush barrier, so no cycle begins
// before the last one has flushed every mcache. It passes from the first transition's thread to the second's; a thread
// that waits for it is in a blocking region. What only transitions write (record_, cycle_number_) is under worldsema.
//
// Records of cycles: each is handed once to EngineOptions::on_cycle, whose owner keeps what it wants; the
// collector itself remembers the last kKeptCycles.
//
// A mutator's assist that ends the marking does not wait for the flush barrier, for which every running thread must
// come to a safepoint: it passes what is left of the cycle, with worldsema, to a mark worker, and continues to allocate
// from the mcache that the start of the world flushed.
#pragma once

#include "engine/gc/alloc_paths.h"
#include "engine/gc/cycle_records.h"
#include "engine/gc/layers.h"
#include "engine/gc/mark/mark_phase.h"
#include "engine/gc/pacer.h"
#include "engine/gc/policies/policy.h"
#include "engine/gc/timed_stops.h"
#include "engine/observe/event.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class BackgroundSweeper;
class Pacing;
class Scavenger;

class Collector {
 public:
  Collector(const Layers& layers, FlushPolicy& policy, StoppedCrew& crew, MarkPhase& marking,
            BackgroundSweeper& sweeper, Pacing& pacing, const EngineOptions& options);

  // Before a refill or a large allocation: starts a cycle if heap_live has reached the trigger (stopped marking: runs
  // it); cheap if not. While another cycle is under way, waits for its end if heap_live is beyond the bound
  // (hold_back), and checks again. May stop the world: raw pointers die, m may come back on another P.
  // True: it started a cycle or waited for one.
  bool collect_if_triggered(M& m);
  // A complete cycle, begun after the call, and its sweep (Go: runtime.GC).
  void collect_now(M& m);
  // The two parts of it. start: runs the transition to marking, and returns the cycle's number. finish: returns when
  // that cycle has ended and its sweep is complete; without mark workers m marks.
  uint32_t start(M& m);
  void finish(M& m, uint32_t cycle);
  // A cycle if none has begun in the last EngineOptions::periodic_gc_ns before `now`, a time of now_ns()'s clock that
  // the caller read. Not while another cycle, or a stop, is under way. m owns a P (Go: forcegchelper).
  void collect_if_overdue(M& m, uint64_t now);
  uint64_t due_in(uint64_t now) const;  // ns until collect_if_overdue() would start a cycle; ~0: never
  // By the thread whose drain ended with kLast: mark termination, unless there is work after all (Go: gcMarkDone).
  // `barrier`: whether it also waits for the flush barrier, or leaves that to a worker if there is one.
  enum class Barrier : uint8_t { kOwn, kByAWorker };
  void look_for_end(M& m, Barrier barrier);
  // A cycle waits for a thread that runs its flush barrier: for the predicates of workers that own no P.
  bool barrier_left() const { return barrier_left_.peek() != 0; }
  // Ends that cycle, unless another thread is faster; whether m did. m owns a P and no lock above kRoom.
  bool finish_left_cycle(M& m);
  // By a thread that owns no P: returns when no cycle is under way.
  void wait_for_cycle();

  // Runs `work` in a stopped world; procs: the number of Ps it starts with. `after`: once the world runs
  // again, still under worldsema, so no cycle begins or ends meanwhile.
  Pause stopped(M& m, observe::StwReason reason, uint32_t procs, FunctionRef<void()> work,
                FunctionRef<void()> after = {});

  // The turn, T5: sweeping begins. World stopped, marking over
  // (fatal "gcSweep being done but phase is not GCoff").
  void begin_sweep(M& m);
  Shared<observe::Phase>& phase_for_testing() { return phase_; }

  uint32_t cycles() const { return cycles_.load(std::memory_order_acquire); }
  observe::Phase phase() const { return phase_.peek(); }
  const CycleRecords& records() const { return records_; }  // under worldsema
  uint64_t objects_verified() const { return objects_verified_; }
  AllocationCosts& allocations() { return allocations_; }
  // base/state.h. Times and what else is only reported are left out.
  template <class State>
  void add_state(State& to) const {
    to.add(phase_);
    to.add(barrier_left_);
    to.add((uint64_t{cycle_number_} << 32) | cycles());
    to.add(worldsema_.held() ? 1 : 0);  // between two transitions by no thread
    to.add(heap_marked_);
    to.add(records_.empty() ? 0 : records_.back().heap_marked);
  }

  // Before any thread runs: is woken when a sweep begins.
  void set_scavenger(Scavenger& scavenger) { scavenger_ = &scavenger; }

 private:
  void take_worldsema(M& m);
  void give_worldsema(M& m);
  bool marks_while_it_waits() const;
  template <class Done>
  void mark_until(M& m, Done done);
  void open_record(pacer::Start start);
  void gc_start(M& m, pacer::Start start);
  void begin_marking(M& m);
  void finish_cycle(M& m);
  void end_cycle(M& m);
  bool hold_back(M& m);
  void check_flush_gens(M& m);
  void sweep_termination(M& m);
  void mark_stopped(M& m);
  void note_marked(M& m, const MarkTotals& marked);
  StoppedCrew* flush_crew();
  void mark_termination(M& m);
  std::optional<FlushBarrier> flush_barrier(M& m, Pause& pause);
  void finish_sweep(M& m);
  void wait_for_sweep(M& m);
  void sweep_stopped(M& m, Pause& pause);
  void enter_phase(M& m, observe::Phase phase);

  const EngineOptions& options_;
  Layers layers_;
  TimedStops stops_;
  MHeap& heap_;
  Sched& sched_;
  FlushPolicy& policy_;
  StoppedCrew& crew_;
  MarkPhase& marking_;
  BackgroundSweeper& sweeper_;
  Pacing& pacing_;
  AllocationCosts allocations_;
  Scavenger* scavenger_ = nullptr;  // null: none
  Lock worldsema_{Rank::kWorldSema, Word::kWorldSema};
  WaitPoint worldsema_free_;
  Shared<observe::Phase> phase_;  // relaxed: written in a stopped world, the start publishes it
  // 1: the world runs after mark termination, and any thread may take the rest of the cycle. release by the thread that
  // leaves it, acquire by the one that takes it.
  Shared<uint32_t> barrier_left_;
  std::atomic<uint32_t> cycles_{0};  // release when one is complete, acquire by callers that ask how many are
  uint32_t cycle_number_ = 0;        // under worldsema
  CycleRecord record_{};             // of the cycle under way; under worldsema
  CycleRecords records_;             // under worldsema
  // When a cycle began last, or the engine. relaxed: due_in is a hint. No protocol word: a time is no part of a state.
  std::atomic<uint64_t> last_start_ns_;
  uint64_t heap_marked_ = 0;  // bytes, by the last marking that is complete; written in a stopped world
  uint64_t objects_verified_ = 0;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
