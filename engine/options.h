// An engine's options, and the results that it reports.
// Plain data, the same in both builds.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/observe/event.h"

namespace sweepscope::observe {
class Observer;
}

namespace sweepscope::engine {

inline constexpr uint32_t kMaxProcs = 4096;
inline constexpr uint32_t kGcOff = ~0u;

struct CycleRecord;

// A failed always-on check, as the hook below receives it.
struct FatalReport {
  static constexpr uint32_t kNone = ~0u;
  struct Value {
    const char* name;
    uint64_t value;
  };
  uint8_t code;                 // its number in base/fatal_codes.h, which recordings carry too
  const char* words;            // Go's
  const char* meaning;          // one line
  uint32_t thread;              // that failed
  uint32_t p, span;             // kNone: it held none, it is about none
  uint32_t sweepgen;            // h
  std::array<Value, 8> values;  // of the check, by name
  size_t value_count;
};

inline constexpr uint32_t kEveryMarkWorker = ~0u;  // one for each core

// Ps with which policy eager shares its flushes. With fewer, waking a helper takes as long as flushing them all.
inline constexpr uint32_t kSharedFlushProcs = 64;

struct EngineOptions {
  uint32_t procs = 1;  // number of Ps, 1..kMaxProcs
  uint32_t cores = 0;  // run permits; 0 = the machine's CPUs
  // Off, in the laboratory only: every thread that owns a P may run; `cores` only sizes the collector's budget.
  bool run_permits = true;
  // Threads that help the coordinator in a stopped world (StoppedCrew); 0 = cores - 1, in the laboratory none.
  uint32_t markers = 0;
  // Policy eager: with so many Ps or more the helpers share the flushes. Another number in the laboratory only, whose
  // engines are small.
  uint32_t shared_flush_procs = kSharedFlushProcs;
  uint32_t gogc = 100;  // percent, kGcOff = only forced cycles
  std::string flush_policy = "lazy";
  uint64_t seed = 1;
  uint64_t max_heap_bytes = 64ull << 30;  // address space reserved, not memory used
  uint64_t arena_bytes = 64ull << 20;     // growth step; the laboratory uses smaller ones
  bool huge_pages = true;                 // ask for transparent huge pages
  bool background_sweeper = true;         // off: spans are swept on demand only
  // At most; 0: concurrent marking by threads that allocate, or wait for a cycle, alone.
  uint32_t mark_workers = kEveryMarkWorker;
  bool scavenger = true;  // off: the memory of free pages stays with the process
  // A thread touches the memory that the heap grows into ahead of the program: at most 1/32 of the heap and at most 16 MiB
  // ahead, so from 64 MiB of heap on. The program may never use that memory; switch it off where memory is tight, as in a
  // small control group. Only with huge pages, whose first touch takes long; not in the laboratory.
  bool prefault = true;
  // A cycle starts when none has begun for so long (Go: forcegcperiod); 0: never. Not with gogc off, not in the
  // laboratory, which has no clock.
  uint64_t periodic_gc_ns = 120'000'000'000;
  bool tiny_blocks = true;  // off: pointer-free objects below 16 bytes get slots of their own
  // Concurrent marking with a write barrier, by workers and by threads that allocate; else in the pause (Go:
  // gcstoptheworld=1). A thread that allocates faster than they mark waits, once heap_live is 1.1 times the goal, for
  // the end of the cycle.
  bool concurrent_mark = true;
  bool serial_flush =
      false;  // policy eager: the coordinator flushes every mcache itself, whatever the number of Ps
  bool stw_sweep = false;      // everything is swept in the mark-termination pause (Go: gcstoptheworld=2)
  bool verify = false;         // heap verifier and checkmark in every cycle
  bool poison = false;         // fill swept free slots with 0xDB, so that stale raw pointers show
  bool core_on_fatal = false;  // abort() instead of exit code 1 after a failed check
  observe::Observer* observer = nullptr;  // not owned; must outlive the engine

  // After each cycle, on the thread that ended it (a mutator or a mark worker), still under worldsema (no other cycle
  // begins meanwhile) and on its P: be short. Must not call the engine. The engine itself keeps the last kKeptCycles
  // only.
  std::function<void(const CycleRecord&)> on_cycle = {};
  // Once, on the thread whose check failed, after the dump and the telemetry were saved and before
  // the process ends; see gc/crash.h for what it may do. Not in the laboratory, where the run ends instead.
  std::function<void(const FatalReport&)> on_fatal = {};
};

// One stop of the world, whatever happens inside it. All in nanoseconds.
//
//   request       stopped                                      work done      released
//      |---- ttsp ----|------ work: [mark] ... [flush] ... --------|---- start ---|
//      |--------------------------------- pause ----------------------------------|
//
// A cycle that marks in a stopped world is one such stop, from sweep termination to mark termination; it has
// the reason kMarkTermination, the phase that ends it.
struct Pause {
  observe::StwReason reason;
  uint32_t cycle;
  uint64_t request_ns;  // monotonic time of the stop request
  uint64_t ttsp_ns;     // request -> stopped
  uint64_t pause_ns;    // request -> world released, procresize and stopped marking included
  // Parts of the work; 0: not in this stop.
  uint64_t mark_ns;
  uint64_t flush_ns;  // mcaches flushed before `start`
  // Work done -> released: procresize, with the flush of the coordinator's own P, and the start itself.
  uint64_t start_ns;
  // Go's clock. Mark termination: tMarkTerm -> tEnd, from the stop request, or from the end of stopped
  // marking, to the end of the work. Marking and procresize are never in it. Other stops: the same clock on
  // their work, so that a control stop can be subtracted.
  uint64_t pause_go_ns;
  uint64_t gate_ns;  // released -> every P may run
  // released -> first mutator with a permit runs its first instruction; 0 = none was waiting
  uint64_t restart_ns;
  uint32_t spans_flushed;  // in flush_ns
};

// What a policy does to the mcaches after the world has started, before the cycle ends.
struct FlushBarrier {
  uint64_t ns;      // wall, first mcache -> every mcache flushed
  uint64_t cpu_ns;  // of the thread that ran it
  uint32_t spans;   // flushed by that thread
};

// What concurrent marking cost, by the kind of thread. Nanoseconds are wall time on a P.
struct MarkWork {
  // By kind of worker; by allocating threads.
  uint64_t dedicated_ns, fractional_ns, idle_ns, assist_ns;
  uint64_t dedicated_bytes, fractional_bytes, idle_bytes, assist_bytes;  // scanned: objects with references
  uint64_t credit_bytes;     // of worker_bytes(): paid for allocations in place of assists
  double utilisation;        // of the Ps: 0.25 and the assists' share; 0: marking stopped the world
  double ratio, next_ratio;  // trigger: growth over the marked heap at which this and the next cycle start

  uint64_t worker_bytes() const { return dedicated_bytes + fractional_bytes + idle_bytes; }
};

// What an allocation did, in ascending order of cost. One that did several things counts under the last of them.
enum class AllocPath : uint8_t {
  kRefill,   // took another span with free slots, or found that its thread had come to a P with one
  kSweep,    // swept spans for it
  kGrow,     // made a span of free pages
  kLarge,    // a large object: pages, cleared where they were dirty
  kAssist,   // paid for what its thread had allocated: with marking, or by waiting for credit
  kCollect,  // began a cycle or waited for one: at the trigger, beyond the bound, at the heap limit
};
inline constexpr size_t kAllocPaths = 6;

struct AllocLatency {
  uint64_t count, total_ns, max_ns;  // wall time, with all waits
};

// Allocations that ended between the last two turns, by path. (With stw_sweep the fast ones of spans that the pause
// flushes are of the next cycle.)
struct AllocPaths {
  // Took a free slot of the P's cached span. Not timed, and counted when the span leaves the mcache. Objects carved
  // from a tiny block are no part of it.
  uint64_t fast;
  std::array<AllocLatency, kAllocPaths> slow;  // by AllocPath

  const AllocLatency& of(AllocPath path) const { return slow[static_cast<size_t>(path)]; }
};

// Stops for mark termination that found a grey object, after which marking continued (D5). A program may cause any
// number of them: all are counted, and the kListed longest are listed, because a record has a fixed size.
class ResumedStops {
 public:
  static constexpr size_t kListed = 8;
  void add(const Pause& pause) {
    if (count_++ < kListed) {
      stops_[count_ - 1] = pause;
      return;
    }
    const auto shortest = std::min_element(
        stops_.begin(), stops_.end(), [](const Pause& a, const Pause& b) { return a.pause_ns < b.pause_ns; });
    if (shortest->pause_ns >= pause.pause_ns) return;
    std::copy(shortest + 1, stops_.end(), shortest);  // the order of time stays
    stops_.back() = pause;
  }
  size_t count() const { return count_; }
  // Of those that are listed.
  size_t size() const { return count_ < kListed ? count_ : kListed; }
  const Pause& operator[](size_t i) const { return stops_[i]; }
  const Pause* begin() const { return stops_.data(); }
  const Pause* end() const { return begin() + size(); }

 private:
  size_t count_ = 0;
  std::array<Pause, kListed> stops_;
};

struct CycleRecord {
  uint32_t cycle;                               // 1 = first
  uint32_t procs;                               // number of Ps
  bool forced;                                  // by a call
  bool periodic;                                // by the clock; neither: at the trigger
  uint64_t start_ns, end_ns;                    // monotonic; end: flush barrier over
  uint64_t heap_before, heap_end, heap_marked;  // bytes: heap_live at its start, when marking is over; marked
  uint64_t goal_at_start;                       // this cycle's own goal, bytes; ~0 = off
  uint64_t trigger, goal;                       // bytes, for the next cycle; ~0 = off
  uint64_t marked_objects;
  uint64_t sweep_term_ns;  // Go's tSweepTerm -> tMark: from the first stop request until marking begins
  uint64_t mark_ns;
  MarkWork mark_work;
  AllocPaths allocs;
  std::optional<FlushBarrier> flush_barrier;  // none: the policy has none
  // None: marking stopped the world, and mark_termination is the one stop.
  std::optional<Pause> sweep_termination;
  Pause mark_termination;
  ResumedStops resumed;  // in order of time

  const Pause& first_stop() const { return sweep_termination ? *sweep_termination : mark_termination; }
};

// Cycles that an engine remembers. A caller that wants all of them takes each from EngineOptions::on_cycle.
inline constexpr size_t kKeptCycles = 256;

inline constexpr size_t kFlushCauses = 10;  // indexed by observe::FlushCause
inline constexpr size_t kSweepCauses = 13;  // indexed by observe::Cause

struct EngineStats {
  uint64_t alloc_objects = 0, alloc_bytes = 0;  // bytes: size class sizes
  uint64_t freed_objects = 0, freed_bytes = 0;
  uint64_t heap_live = 0, heap_in_use_bytes = 0, heap_reserved_bytes = 0;  // in use: pages of spans in use
  uint64_t scavenged_bytes = 0;  // of free pages, given back to the system by the scavenger, ever
  uint32_t sweepgen = 0, cycles = 0, procs = 0;
  // Mcaches flushed that were stale or held spans, by FlushCause.
  std::array<uint64_t, kFlushCauses> flushes{};
  std::array<uint64_t, kFlushCauses> flushed_spans{};
  std::array<uint64_t, kSweepCauses> swept_spans{};  // by Cause
  uint64_t stale_allocs = 0, grow_while_unswept = 0, objects_verified = 0;
  AllocPaths allocs{};        // ever
  uint64_t cached_spans = 0;  // now, in all mcaches
  uint32_t caching_ps = 0;    // Ps whose mcache holds at least one span
  // Over the caching Ps.
  uint32_t min_cached_per_p = 0, max_cached_per_p = 0;
  std::vector<CycleRecord> per_cycle;  // the last kKeptCycles, oldest first
};

}  // namespace sweepscope::engine
