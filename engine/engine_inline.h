// The short functions of engine.h that programs call all the time.
#pragma once

#include "engine/base/heap_word.h"
#include "engine/gc/runtime.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline void Mutator::poll() { sched_.poll(m_); }
inline uint32_t Mutator::p() const {
  check_owns_p(m_);
  return m_.p->id;
}
inline bool Mutator::stopping() const { return runtime_.stopping(); }

inline void write_reference(Mutator& mutator, uint64_t& word, uint64_t target) {
  M& m = mutator.m();
  check_owns_p(m);
  if (m.write_barrier) [[unlikely]] {
    mutator.marking_.write(m, word, target);
    return;
  }
  // release: pairs with the marker's acquire, so that it sees the object's zeroing and layout.
  // No step: no thread marks.
  HeapWord(word).put(target, std::memory_order_release);
}

inline LocalBase::LocalBase(Mutator& mutator, void* target)
    : m_(mutator.m()), slot_((check_owns_p(m_), m_.stack.push(m_))) {
  *slot_ = target;
}
inline LocalBase::~LocalBase() {
  check_owns_p(m_);
  m_.stack.pop(m_, slot_);
}
inline void LocalBase::set(void* target) {
  check_owns_p(m_);
  *slot_ = target;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
