// MCentral: the shared spans of one span class (Go's mcentral).
//
// Two lists under one lock: `nonempty` holds uncached spans that may have free slots, `empty`
// holds full spans and all that are in an mcache. On `empty`, swept spans are kept at the tail,
// so a walk from the front may stop at the first span that does not need sweeping (Go's rule;
// its price N1 is counted as grow_while_unswept).
// nmalloc counts the slots ever promised: a span that is cached counts as fully allocated.
// What its P did not use is counted as unused by the thread that uncaches it (FreeCounts),
// so nmalloc - unused is the number of mallocs (I10).
#pragma once

#include "engine/base/lock.h"
#include "engine/heap/arcs.h"
#include "engine/heap/span_list.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;

class alignas(64) MCentral {
 public:
  explicit MCentral(SpanClass span_class);

  // A span with at least one free slot, uncached, SWEPT, on `empty`, its free slots counted
  // in nmalloc and heap_live. Sweeps spans of this class as needed, else grows the heap;
  // null when the heap cannot grow. Non-preemptible.
  MSpan* cache_span(HeapThread& m, MHeap& heap);

  // Takes back a span that leaves an mcache owned by the caller (T4, or T7 and a sweep if it is stale: then
  // true). The unused bytes of a fresh one stay in heap_live until the caller, release_all, takes them out.
  // The caller counts as a sweeper (Sweeping) all the while.
  bool uncache_span(HeapThread& m, MHeap& heap, MSpan& span);

  // Ends a sweep. A span with room is on `nonempty` afterwards (T8). A dead span leaves its list, then T8, and joins
  // the batch, which frees it (T9): true. Takes the lock once, and only to change a list. `preserve`: the caller keeps
  // the span, do not move or free it.
  enum class Preserve : bool { kNo, kYes };
  bool free_span(HeapThread& m, MHeap& heap, SweepToken&& token, Preserve preserve);

  // cache_span grows the heap after it swept so many full spans in vain: with a heap of full spans of the class
  // each refill would sweep them all (Go 08bf64a81e).
  static constexpr uint32_t kFullSpansToSweep = 100;

  SpanClass span_class() const { return span_class_; }
  const SpanList& nonempty() const { return nonempty_; }  // stopped world
  const SpanList& empty() const { return empty_; }        // stopped world
  uint64_t nmalloc() const { return nmalloc_.peek(); }

  // base/state.h. add_state: only of a class that had a span.
  template <class State>
  void leave_out_counter(State& to) const {
    to.leave_out(nmalloc_, "only grows; the sum of all less what was taken back is state (Runtime)");
  }
  template <class State>
  void add_state(State& to) const {
    if (nmalloc() == 0) return;
    for (const SpanList* list : {&nonempty_, &empty_}) {
      to.add(span_class_.raw());
      for (const MSpan* span = list->front(); span != nullptr; span = span->next) to.add(span->id);
    }
  }

 private:
  MSpan* take_from_lists(HeapThread& m, MHeap& heap, uint32_t h);
  MSpan* grow(HeapThread& m, MHeap& heap);

  // mcentral_variants.cc: T7 and the sweep of a stale span, as repaired, as shipped, or with a fault.
  void sweep_stale(HeapThread& m, MHeap& heap, MSpan& span);
  void sweep_claimed(HeapThread& m, MHeap& heap, SweepToken&& token);
  void sweep_as_shipped(HeapThread& m, MHeap& heap, SweepToken&& token);
  void undo_heap_live_and_sweep(HeapThread& m, MHeap& heap, MSpan& span);
  void sweep_and_count_unused(HeapThread& m, MHeap& heap, MSpan& span);
  void list_claim_and_sweep(HeapThread& m, MHeap& heap, MSpan& span);
  void claim_list_and_sweep(HeapThread& m, MHeap& heap, MSpan& span);
  void list_with_room(HeapThread& m, MSpan& span);
  bool publish_and_move(HeapThread& m, SweepToken&& token, uint32_t h);

  Lock lock_;
  SpanList nonempty_{observe::ListMembership::kNonempty, Rank::kMCentral};
  SpanList empty_{observe::ListMembership::kEmpty, Rank::kMCentral};
  Shared<uint64_t> nmalloc_;  // relaxed: a counter, read exactly only in a stopped world
  SpanClass span_class_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
