// Roots: where marking begins. Precise: handles on the mutators' shadow stacks, and Globals.
//
// A shadow stack holds the Local handles of one thread (engine/gc/shadow_stack.h).
#pragma once

#include <cstddef>

#include "engine/base/lock.h"
#include "engine/gc/shadow_stack.h"
#include "engine/mutator.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class GlobalRoots {
 public:
  void add(M& m, GlobalBase& root);
  void remove(M& m, GlobalBase& root);
  size_t size() const { return size_; }  // when no other thread is left

  // In a stopped world, and under lock: a thread that is no mutator, or is in a blocking region, may make or
  // end a Global meanwhile. What one held is marked either way: a Global that begins or ends during a mark
  // phase got its references through the write barrier, or had them when the phase began.
  template <class F>
  void for_each(M& m, F visit) {
    if constexpr (kLaboratory) {
      walk(visit);  // no step in it: no other fiber runs before it is over
    } else {
      Guard guard(m, lock_, "roots: lock to visit the globals");
      walk(visit);
    }
  }

 private:
  template <class F>
  void walk(F& visit) const {
    for (const GlobalBase* root = first_; root != nullptr; root = root->next_)
      if (root->bits_ != 0) visit(static_cast<uintptr_t>(root->bits_));
  }

  Lock lock_{Rank::kRoots, Word::kOther};
  GlobalBase* first_ = nullptr;
  size_t size_ = 0;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
