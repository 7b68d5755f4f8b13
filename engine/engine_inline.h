// The short functions of engine.h that programs call all the time.
#pragma once

#include "engine/gc/runtime.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline void Mutator::poll() { m_.runtime->sched().poll(m_); }
inline uint32_t Mutator::p() const { return m_.p->id; }
inline bool Mutator::stopping() const { return m_.runtime->stopping(); }

inline LocalBase::LocalBase(Mutator& mutator, void* target) : m_(mutator.m()), target_(target), below_(m_.handles) {
  m_.handles = this;
}
inline LocalBase::~LocalBase() { m_.handles = below_; }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
