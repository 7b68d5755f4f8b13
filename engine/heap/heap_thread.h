// HeapThread: a thread as the heap uses it: a cache to allocate from, counters, a stream of events.
// The heap's part of an M (gc/m.h). Passed to every function of the heap; never thread_local.
//
// Owned and used by its thread alone. While the world is stopped the coordinator may read the counters, and under
// worldsema the thread that ends a cycle takes those of the other parity (fast_allocs).
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "engine/base/context.h"
#include "engine/heap/free_counts.h"
#include "engine/heap/sweep_batch.h"
#include "engine/observe/observer.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MCache;

struct HeapThread : Context {
  observe::Emitter emitter;
  MCache* mcache = nullptr;  // that it may use: allocations come from it, frees are charged to it. Null: none

  SweepBatch batch;  // empty unless it sweeps

  // Counters, folded into EngineStats by a stopped-world recount.
  FreeCounts frees;  // of the time without an mcache
  std::array<uint64_t, kSweepCauses> swept_spans{};
  std::array<uint64_t, kFlushCauses> flushes{};
  std::array<uint64_t, kFlushCauses> flushed_spans{};
  // `other`, which does nothing now, flushed for this thread.
  void take_flushes_of(HeapThread& other) {
    for (size_t cause = 0; cause < kFlushCauses; ++cause) {
      flushes[cause] += std::exchange(other.flushes[cause], 0);
      flushed_spans[cause] += std::exchange(other.flushed_spans[cause], 0);
    }
  }
  uint64_t grow_while_unswept = 0;
  uint64_t spans_made = 0;  // of free pages, for objects
  // Slots handed out since their span was cached, but for the first; once it left the mcache. By MHeap::parity(): those
  // of a cycle are added up after its end, when the thread counts in the other (gc/alloc_paths.h).
  std::array<uint64_t, 2> fast_allocs{};
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
