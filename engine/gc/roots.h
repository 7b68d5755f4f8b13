// Roots: where marking begins. Precise: handles on the mutators' shadow stacks, and Globals.
//
// A shadow stack is the chain of Local handles of one thread, newest first. Only that thread changes it; the markers
// read it while the world is stopped.
#pragma once

#include <vector>

#include "engine/base/lock.h"
#include "engine/mutator.h"
#include "engine/heap/m.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class ShadowStack {
 public:
  explicit ShadowStack(const M& m) : top_(m.handles) {}

  template <class F>
  void for_each(F visit) const {
    for (const LocalBase* handle = top_; handle != nullptr; handle = handle->below_)
      if (handle->target_ != nullptr) visit(reinterpret_cast<uintptr_t>(handle->target_));
  }

 private:
  const LocalBase* top_;
};

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
