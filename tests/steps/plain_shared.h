// Replaces engine/base/shared.h in the copy without steps: the std::atomic access and nothing
// else. It has a function for each access like the original, so that the compiler numbers its
// values equally.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/step.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

template <class T>
class Shared {
 public:
  constexpr Shared() = default;
  constexpr explicit Shared(T value) : value_(value) {}
  void bind(Word, uint32_t) {}

  T load(std::memory_order order) const { return value_.load(order); }
  void store(T value, std::memory_order order) { value_.store(value, order); }
  bool compare_exchange(T& expected, T desired, std::memory_order won, std::memory_order lost) {
    return value_.compare_exchange_strong(expected, desired, won, lost);
  }
  T fetch_add(T value, std::memory_order order) { return value_.fetch_add(value, order); }
  T fetch_sub(T value, std::memory_order order) { return value_.fetch_sub(value, order); }
  T fetch_or(T value, std::memory_order order) { return value_.fetch_or(value, order); }
  T fetch_and(T value, std::memory_order order) { return value_.fetch_and(value, order); }
  void add(T value, std::memory_order order) { value_.fetch_add(value, order); }
  void sub(T value, std::memory_order order) { value_.fetch_sub(value, order); }
  T exchange(T value, std::memory_order order) { return value_.exchange(value, order); }
  T peek(std::memory_order order = std::memory_order_relaxed) const { return value_.load(order); }
  void init(T value) { value_.store(value, std::memory_order_relaxed); }
  void put(T value) { value_.store(value, std::memory_order_relaxed); }

 private:
  std::atomic<T> value_{};
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
