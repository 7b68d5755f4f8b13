// Sweep credit: an allocator sweeps in proportion to what it takes, so that all is swept when the next
// cycle is due (Go's proportional sweep).
//
//   pages that must be swept by now  =  slope * (heap_live - its basis + what the caller takes)
//   slope  =  pages in use and unswept at the basis / bytes from the basis to the trigger
//
// rebase() draws the line after the turn, in the stopped world, and again when GOGC changes; allocators
// follow it on slow paths. A slope of 0 means that no sweep is owed: sweeping is done, or
// collections happen on demand only.
#pragma once

#include "engine/base/shared.h"
#include "engine/heap/heap_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;

struct SweepCredit {
  SweepCredit();

  // At mark termination, after the turn and with heap_live recomputed, or in a running world; under
  // mheap.lock. trigger: heap_live in bytes at which the next cycle starts, kNoTrigger if nothing but a
  // demand starts one.
  static constexpr uint64_t kNoTrigger = ~uint64_t{0};
  void rebase(MHeap& heap, uint64_t trigger);

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(pages_per_byte);
    to.leave_out(heap_live_basis,
                 "read only with a slope, and then GOGC is on: no search over states (merges())");
    to.leave_out(pages_swept_basis, "as heap_live_basis");
  }

  Shared<double> pages_per_byte;       // the slope
  Shared<uint64_t> heap_live_basis;    // bytes
  Shared<uint64_t> pages_swept_basis;  // written last: a payer that sees it change begins again
};

// Sweeps what `span_bytes` more of heap_live ask for, under `cause`; `caller_pages` of it the caller is going
// to sweep itself. Before a span is taken, with no lock held. Non-preemptible.
void deduct_sweep_credit(HeapThread& m, MHeap& heap, uint64_t span_bytes, uint64_t caller_pages,
                         observe::Cause cause);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
