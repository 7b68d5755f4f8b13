// M: one engine thread (Go's M). Each layer has its part, and its functions see no more than that:
//
//   Context       base/context.h          id, held locks, the way out of a failed check
//   HeapThread    heap/heap_thread.h      events, the mcache in use, counters
//   SchedThread   sched/sched_thread.h    the P, the run permit
//   MarkThread    gc/mark/mark_thread.h   shadow stack, write barrier, what it marked
//   M             here                    the program code that it runs
#pragma once

#include <atomic>

#include "engine/gc/mark/mark_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct M : MarkThread {
  // The OS thread that runs program code with this M, or 0. relaxed: a thread only looks for its own id.
  std::atomic<uint64_t> runs_on{0};
  uint64_t stale_allocs = 0;  // black objects, from STALE spans
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
