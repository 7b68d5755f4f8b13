#include "engine/gc/roots.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void GlobalRoots::add(M& m, GlobalBase& root) {
  Guard guard(m, lock_, "roots: lock to add a global");
  root.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &root;
  first_ = &root;
  ++size_;
}

void GlobalRoots::remove(M& m, GlobalBase& root) {
  Guard guard(m, lock_, "roots: lock to remove a global");
  (root.previous_ != nullptr ? root.previous_->next_ : first_) = root.next_;
  if (root.next_ != nullptr) root.next_->previous_ = root.previous_;
  --size_;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
