// Roots: where marking begins. Precise: handles on the mutators' shadow stacks, and Globals.
//
// A shadow stack holds the Local handles of one thread (engine/gc/shadow_stack.h).
#pragma once

#include <vector>

#include "engine/base/lock.h"
#include "engine/gc/shadow_stack.h"
#include "engine/mutator.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class GlobalRoots {
 public:
  void add(M& m, GlobalBase& root);
  void remove(M& m, GlobalBase& root);

  template <class F>
  void for_each(F visit) const {  // stopped world
    for (const GlobalBase* root = first_; root != nullptr; root = root->next_)
      if (root->bits_ != 0) visit(static_cast<uintptr_t>(root->bits_));
  }

 private:
  Lock lock_{Rank::kRoots, Word::kOther};
  GlobalBase* first_ = nullptr;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
