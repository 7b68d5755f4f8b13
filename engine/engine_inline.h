// The short functions of engine.h that programs call all the time.
#pragma once

#include "engine/gc/runtime.h"
#include "engine/gc/shadow_stack.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline void Mutator::poll() { m_.runtime->sched().poll(m_); }
inline uint32_t Mutator::p() const { return m_.p->id; }
inline bool Mutator::stopping() const { return m_.runtime->stopping(); }

inline LocalBase::LocalBase(Mutator& mutator, void* target) : m_(mutator.m()), slot_(ShadowStack::push(m_)) {
  *slot_ = target;
}
inline LocalBase::~LocalBase() { ShadowStack::pop(m_, slot_); }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
