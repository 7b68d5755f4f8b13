// A thread's shadow stack: the roots that its Local handles are, in a chain of stack segments.
//
//   top segment      [ begin | used slots | stack_top ... free ... | end ]
//   segments below   full
//
// Only the thread changes it, strictly last in, first out: a Local is a push, its end a pop.
// Each is a few instructions; a full segment takes a larger one on top, an emptied one goes back,
// but for the first, which stays with its thread. Markers and the verifier read it in a stopped world.
#pragma once

#include "engine/heap/m.h"
#include "engine/heap/stack_pool.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class ShadowStack {
 public:
  explicit ShadowStack(const M& m) : m_(m) {}

  // The roots, newest segment first. visit(address of an object).
  template <class F>
  void for_each(F visit) const {
    for_each_segment([&](StackSegment& segment) {
      void** const end = &segment == m_.stack ? m_.stack_top : segment.end();
      for (void** slot = segment.begin(); slot < end; ++slot)
        if (*slot != nullptr) visit(reinterpret_cast<uintptr_t>(*slot));
    });
  }
  template <class F>
  void for_each_segment(F visit) const {
    for (StackSegment* segment = m_.stack; segment != nullptr; segment = segment->below) visit(*segment);
  }

  static void** push(M& m) {
    if (m.stack_top == m.stack_end) [[unlikely]]
      add_segment(m);
    return m.stack_top++;
  }
  static void pop(M& m, void** slot) {
    if (slot + 1 != m.stack_top) [[unlikely]]
      fail_not_nested(m);
    m.stack_top = slot;
    if (slot == m.stack_floor) [[unlikely]]
      drop_segment(m);
  }
  // The thread ends; nothing is on it.
  static void give_back(M& m);

 private:
  static void add_segment(M& m);
  static void drop_segment(M& m);
  [[noreturn]] static void fail_not_nested(M& m);

  const M& m_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
