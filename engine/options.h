// An engine's options, and the results that it reports.
// Plain data, the same in both builds.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
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

struct EngineOptions {
  uint32_t procs = 1;    // number of Ps, 1..kMaxProcs
  uint32_t cores = 0;    // run permits; 0 = the machine's CPUs
  uint32_t markers = 0;  // threads that mark together with the coordinator; 0 = cores - 1
  uint32_t gogc = 100;   // percent, kGcOff = only forced cycles
  std::string flush_policy = "lazy";
  uint64_t seed = 1;
  uint64_t max_heap_bytes = 64ull << 30;  // address space reserved, not memory used
  uint64_t arena_bytes = 64ull << 20;     // growth step; the laboratory uses smaller ones
  bool huge_pages = true;                 // ask for transparent huge pages
  bool background_sweeper = true;         // off: spans are swept on demand only
  bool tiny_blocks = true;                // off: pointer-free objects below 16 bytes get slots of their own
  // Concurrent marking with a write barrier; else in the pause (Go: gcstoptheworld=1).
  // There is no pacer yet: a program that allocates faster than it marks overshoots the trigger.
  bool concurrent_mark = false;
  bool stw_sweep = false;      // everything is swept in the mark-termination pause (Go: gcstoptheworld=2)
  bool verify = false;         // heap verifier and checkmark in every cycle
  bool poison = false;         // fill swept free slots with 0xDB, so that stale raw pointers show
  bool core_on_fatal = false;  // abort() instead of exit code 1 after a failed check
  observe::Observer* observer = nullptr;  // not owned; must outlive the engine

  // After each cycle, on the thread that ran it, still under worldsema (no other cycle begins meanwhile)
  // and on its P: be short. Must not call the engine.
  std::function<void(const CycleRecord&)> on_cycle;
  // Once, on the thread whose check failed, after the dump and the telemetry were saved and before
  // the process ends; see gc/crash.h for what it may do. Not in the laboratory, where the run ends instead.
  std::function<void(const FatalReport&)> on_fatal;
};

// One stop of the world. All in nanoseconds.
struct Pause {
  observe::StwReason reason;
  uint32_t cycle;
  uint64_t request_ns;   // monotonic time of the stop request
  uint64_t ttsp_ns;      // request -> stopped
  uint64_t pause_ns;     // request -> world released, procresize included
  uint64_t pause_go_ns;  // Go's clock: from begin to end of the stopped work, before procresize flushes
  uint64_t gate_ns;      // released -> every P may run
  // released -> first mutator with a permit runs its first instruction; 0 = none was waiting
  uint64_t restart_ns;
  uint32_t spans_flushed;  // inside the pause
};

struct CycleRecord {
  uint32_t cycle;  // 1 = first
  uint32_t procs;  // number of Ps
  bool forced;
  uint64_t start_ns, end_ns;                         // monotonic; end: flush barrier over
  uint64_t heap_before, heap_marked, trigger, goal;  // bytes
  uint64_t marked_objects;
  uint64_t mark_ns;
  uint64_t flush_barrier_ns;      // wall, start of the world -> every mcache flushed
  uint64_t flush_barrier_cpu_ns;  // CPU of the thread that ran it
  uint32_t flush_barrier_spans;
  Pause sweep_termination, mark_termination;
  // Stops for mark termination that found a grey object, after which marking continued (D5).
  std::vector<Pause> resumed;
};

inline constexpr size_t kFlushCauses = 10;  // indexed by observe::FlushCause
inline constexpr size_t kSweepCauses = 13;  // indexed by observe::Cause

struct EngineStats {
  uint64_t alloc_objects = 0, alloc_bytes = 0;  // bytes: size class sizes
  uint64_t freed_objects = 0, freed_bytes = 0;
  uint64_t heap_live = 0, heap_in_use_bytes = 0, heap_reserved_bytes = 0;  // in use: pages of spans in use
  uint32_t sweepgen = 0, cycles = 0, procs = 0;
  // Mcaches flushed that were stale or held spans, by FlushCause.
  std::array<uint64_t, kFlushCauses> flushes{};
  std::array<uint64_t, kFlushCauses> flushed_spans{};
  std::array<uint64_t, kSweepCauses> swept_spans{};  // by Cause
  uint64_t stale_allocs = 0, grow_while_unswept = 0, objects_verified = 0;
  uint64_t cached_spans = 0;  // now, in all mcaches
  uint32_t caching_ps = 0;    // Ps whose mcache holds at least one span
  // Over the caching Ps.
  uint32_t min_cached_per_p = 0, max_cached_per_p = 0;
  std::vector<CycleRecord> per_cycle;
};

}  // namespace sweepscope::engine
