// M: one engine thread (Go's M). Each layer has its part, and its functions see no more than that:
//
//   Context       base/context.h          id, held locks, the way out of a failed check
//   HeapThread    heap/heap_thread.h      events, the mcache in use, counters
//   SchedThread   sched/sched_thread.h    the P, the run permit
//   MarkThread    gc/mark/mark_thread.h   shadow stack, write barrier, what it marked
//   M             here                    the program code that it runs
#pragma once

#include <algorithm>
#include <array>
#include <atomic>

#include "engine/gc/mark/mark_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Slow allocations of one path (alloc_paths.h), in ticks of stamp().
struct PathCost {
  uint64_t count = 0, total = 0, max = 0;

  void add(uint64_t ticks) { *this += PathCost{1, ticks, ticks}; }
  void operator+=(const PathCost& other) {
    count += other.count;
    total += other.total;
    max = std::max(max, other.max);
  }
};
using PathCosts = std::array<PathCost, kAllocPaths>;

struct M : MarkThread {
  // The OS thread that runs program code with this M, or 0. relaxed: a thread only looks for its own id.
  std::atomic<uint64_t> runs_on{0};
  uint64_t stale_allocs = 0;         // black objects, from STALE spans
  std::array<PathCosts, 2> paths{};  // as fast_allocs
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
