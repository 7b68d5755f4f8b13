// A reference inside a heap object or a Global, or a word of the pointer bitmap: a word that the program
// writes while a marker may read it. It lies in raw memory, so this is a view of the word, not the word.
//
// Production: the atomic access, nothing more. Laboratory: a step point before it, as in Shared; the step
// reports whether the reference is null, not its value, since addresses differ from run to run. In a run with an image
// they do not, and a search over states needs them: which word the thread is about to access, and what it read.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/reads.h"
#include "engine/base/step.h"
#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class HeapWord {
 public:
  explicit HeapWord(uint64_t& word) : word_(word) {}

#ifndef SWEEPSCOPE_LABORATORY
  uint64_t load(std::memory_order order, Step) const { return peek(order); }
  void store(uint64_t value, std::memory_order order, Step) { put(value, order); }
#else
  uint64_t load(std::memory_order order, Step step) const {
    const Access access{step, Word::kReference, Op::kLoad, 0};
    Driver* const d = driver();
    note_held(reinterpret_cast<uintptr_t>(&word_));
    if (d != nullptr) d->step(access);
    const uint64_t value = peek(order);
    if (d != nullptr) d->stepped(access, value != 0, value != 0);
    note_held(value);
    return value;
  }
  void store(uint64_t value, std::memory_order order, Step step) {
    const Access access{step, Word::kReference, Op::kStore, 0};
    Driver* const d = driver();
    note_held(reinterpret_cast<uintptr_t>(&word_));
    note_held(value);
    if (d != nullptr) d->step(access);
    if (d != nullptr) d->stepped(access, peek(std::memory_order_relaxed) != 0, value != 0);
    put(value, order);
  }
#endif

  // Without a step: while nothing marks, in a stopped world, or for a part of the word that no other thread
  // writes.
  uint64_t peek(std::memory_order order) const { return std::atomic_ref(word_).load(order); }
  void put(uint64_t value, std::memory_order order) { std::atomic_ref(word_).store(value, order); }

 private:
  uint64_t& word_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
