#include "engine/gc/mark/roots.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void GlobalRoots::add(Context& by, GlobalBase& root) {
  Guard guard(by, lock_, "roots: lock to add a global");
  root.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &root;
  first_ = &root;
  ++size_;
}

void GlobalRoots::remove(Context& by, GlobalBase& root) {
  Guard guard(by, lock_, "roots: lock to remove a global");
  (root.previous_ != nullptr ? root.previous_->next_ : first_) = root.next_;
  if (root.next_ != nullptr) root.next_->previous_ = root.previous_;
  --size_;
  const uint64_t held = root.bits_;
  if (pool_ != nullptr && held != 0 && !fault(Fault::kGlobalEndNotShaded))
    GreyWork(*pool_, by).push(GreyEntry::reference(held));
}

void GlobalRoots::begin_shading(Context& by, MarkPool& pool) {
  Guard guard(by, lock_, "roots: lock to begin the shading");
  pool_ = &pool;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
