// What allocations cost that left the fast path, by the path that they took (engine/options.h, AllocPaths).
//
// SlowPath measures one of them on its thread: two reads of the time stamp counter, since a clock would cost a refill
// more than all else here, and plain counters of the thread. There are two of each, of which the sweep phase selects one
// (MHeap::parity). After a turn the threads count in the other, so AllocationCosts adds up those of the ended cycle in a
// running world. It converts ticks to nanoseconds by the two clocks' progress since the engine was made.
//
// The laboratory has no clock; all is 0 there.
#pragma once

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/gc/m.h"
#include "engine/heap/mheap.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Threads;

class SlowPath {
 public:
  SlowPath(M& m, const MHeap& heap)
      : m_(m), heap_(heap), begin_(ticks()), sweeps_(sweeps(m)), spans_made_(m.spans_made) {}
  ~SlowPath() {
    if (m_.spans_made != spans_made_)
      took(AllocPath::kGrow);
    else if (sweeps(m_) != sweeps_)
      took(AllocPath::kSweep);
    m_.paths[heap_.parity()][static_cast<size_t>(path_)].add(ticks() - begin_);
  }
  SlowPath(const SlowPath&) = delete;
  SlowPath& operator=(const SlowPath&) = delete;

  // An allocation counts under the costliest path that it took part of.
  void took(AllocPath path) { path_ = std::max(path_, path); }

 private:
  static uint64_t ticks() { return kLaboratory ? 0 : stamp(); }
  // Of causes that make an allocation sweep.
  static uint64_t sweeps(const HeapThread& m) {
    using enum observe::Cause;
    uint64_t sum = 0;
    for (const observe::Cause cause : {kProportional, kCacheSpan, kReclaim, kFlush})
      sum += m.swept_spans[static_cast<size_t>(cause)];
    return sum;
  }

  M& m_;
  const MHeap& heap_;
  const uint64_t begin_;
  const uint64_t sweeps_, spans_made_;
  AllocPath path_ = AllocPath::kRefill;
};

class AllocationCosts {
 public:
  explicit AllocationCosts(Threads& threads) : threads_(threads), first_tick_(stamp()), first_ns_(now_ns()) {}

  // Under worldsema, after a turn, with the parity that it ended: the allocations that ended between the last two turns.
  AllocPaths take(uint8_t parity);
  // World stopped: what ever ended.
  AllocPaths ever();

 private:
  double ns_per_tick() const;
  template <class F>
  AllocPaths sum(F costs_of);

  Threads& threads_;
  const uint64_t first_tick_, first_ns_;
  AllocPaths taken_{};
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
