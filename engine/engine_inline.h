// The short functions of engine.h that programs call all the time.
#pragma once

#include <algorithm>

#include "engine/base/heap_word.h"
#include "engine/gc/runtime.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline constexpr size_t kMaxInlineBytes = 1024;

// Short ones in the caller; for longer ones the library's memset is faster than what GCC 12 makes of it there.
void zero_long_slot(void* slot, size_t bytes);
template <uint32_t kBytes>
inline void zero_slot(void* slot) {
  if constexpr (kBytes < 128)
    __builtin_memset(slot, 0, kBytes);
  else
    zero_long_slot(slot, kBytes);
}

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

// Takes the next slot of the P's cached span if alloc_cache has one, new objects are white, and the span has this
// layout. Otherwise calls Allocator::allocate, the only path in the laboratory, where its accesses are steps.
template <size_t kBytes, size_t kRefs>
inline void* allocate_fixed(Mutator& mutator) {
  constexpr bool kInline = !kLaboratory && kBytes <= kMaxInlineBytes && (kRefs > 0 || kBytes >= kTinyBytes);
  if constexpr (kInline) {
    constexpr SpanClass kClass(size_class_of(std::max(kBytes, size_t{8})), kRefs == 0);
    constexpr uint32_t kSlotBytes = class_size(kClass.size_class());
    MCache* const cache = mutator.m().mcache;  // null: it owns no P
    if (cache != nullptr && cache->colour == Colour::kWhite) [[likely]] {
      MSpan& span = *cache->alloc[kClass.raw()];
      if (span.alloc_cache != 0 && (kRefs == 0 || span.refs == kRefs)) [[likely]] {
        void* const object = reinterpret_cast<void*>(span.base + uint64_t{span.take_cached()} * kSlotBytes);
        if (span.need_zero) zero_slot<kSlotBytes>(object);
        return object;
      }
    }
  }
  return allocate(mutator, kBytes, kRefs);
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

inline void GlobalBase::store(Mutator& mutator, void* target) {
  if (&mutator.runtime_ != &runtime_) [[unlikely]]
    fail_other_engine(mutator);
  write_reference(mutator, bits_, reinterpret_cast<uint64_t>(target));
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
