// A thread's shadow stack: the roots that its Local handles are, in a chain of stack segments.
//
//   top segment      [ begin | used slots | top ... free ... | end ]
//   segments below   full
//
// Only the thread changes it, strictly last in, first out: a Local is a push, its end a pop.
// Each is a few instructions; a full segment takes a larger one on top, an emptied one goes back,
// but for the first, which stays with its thread. Markers and the verifier read it in a stopped world, or once they
// claimed its scan (mark_thread.h).
#pragma once

#include "engine/heap/heap_thread.h"
#include "engine/heap/stack_pool.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;

class ShadowStack {
 public:
  // Before the thread runs: where segments come from.
  void attach(MHeap& heap) { heap_ = &heap; }

  // The roots, newest segment first. visit(address of an object).
  template <class F>
  void for_each(F visit) const {
    for_each_segment([&](StackSegment& segment) {
      void** const end = &segment == segment_ ? top_ : segment.end();
      for (void** slot = segment.begin(); slot < end; ++slot)
        if (*slot != nullptr) visit(reinterpret_cast<uintptr_t>(*slot));
    });
  }
  template <class F>
  void for_each_segment(F visit) const {
    for (StackSegment* segment = segment_; segment != nullptr; segment = segment->below) visit(*segment);
  }
  bool ever_used() const { return segment_ != nullptr; }
  StackSegment* newest_segment() const { return segment_; }
  // base/state.h
  template <class State>
  void add_state(State& to) const {
    for_each([&to](uintptr_t root) { to.add(root); });
    add_segments(to, segment_);
  }

  // m: the thread whose stack it is. Fatal "out of memory" when the heap cannot grow.
  void** push(HeapThread& m) {
    if (top_ == end_) [[unlikely]]
      add_segment(m);
    return top_++;
  }
  void pop(HeapThread& m, void** slot) {
    if (slot + 1 != top_) [[unlikely]]
      fail_not_nested(m);
    top_ = slot;
    if (slot == floor_) [[unlikely]]
      drop_segment(m);
  }
  // The thread ends; nothing is on it.
  void give_back(HeapThread& m);

 private:
  void add_segment(HeapThread& m);
  void drop_segment(HeapThread& m);
  [[noreturn]] static void fail_not_nested(HeapThread& m);

  MHeap* heap_ = nullptr;
  StackSegment* segment_ = nullptr;  // the newest
  void** top_ = nullptr;             // its first free slot
  void** end_ = nullptr;
  void** floor_ = nullptr;  // its first slot, if there is a segment below
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
