// A protocol word that several threads access. Each access names its memory order and its step.
//
// Production: exactly the std::atomic access, nothing more. Laboratory: a step point, then the access,
// atomically with respect to all other fibers (sequentially consistent: ThreadSanitizer and the Relacy
// kernels check the memory orders).
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "engine/base/step.h"
#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifndef SWEEPSCOPE_LABORATORY

template <class T>
class Shared {
 public:
  constexpr Shared() = default;
  constexpr explicit Shared(T value) : value_(value) {}
  void bind(Word, uint32_t) {}  // names the word for the laboratory

  T load(std::memory_order order, Step) const { return value_.load(order); }
  void store(T value, std::memory_order order, Step) { value_.store(value, order); }
  bool compare_exchange(T& expected, T desired, std::memory_order won, std::memory_order lost, Step) {
    return value_.compare_exchange_strong(expected, desired, won, lost);
  }
  T fetch_add(T value, std::memory_order order, Step) { return value_.fetch_add(value, order); }
  T fetch_sub(T value, std::memory_order order, Step) { return value_.fetch_sub(value, order); }
  T fetch_or(T value, std::memory_order order, Step) { return value_.fetch_or(value, order); }
  // fetch_add and fetch_sub for callers that ignore the old value.
  void add(T value, std::memory_order order, Step) { value_.fetch_add(value, order); }
  void sub(T value, std::memory_order order, Step) { value_.fetch_sub(value, order); }
  T fetch_and(T value, std::memory_order order, Step) { return value_.fetch_and(value, order); }
  T exchange(T value, std::memory_order order, Step) { return value_.exchange(value, order); }

  // Not a protocol access: for predicates of waits, statistics, dumps, verifiers of a stopped world.
  T peek(std::memory_order order = std::memory_order_relaxed) const { return value_.load(order); }
  // Before the word is visible to a second thread.
  void init(T value) { value_.store(value, std::memory_order_relaxed); }
  // Not a step: by the only thread that may write the word now, because it holds the lock that guards it or
  // has stopped the world. Others only peek() meanwhile, for a hint or in the predicate of a wait that this
  // thread wakes afterwards.
  void put(T value) { value_.store(value, std::memory_order_relaxed); }

 private:
  std::atomic<T> value_{};
};

#else

template <class T>
class Shared {
 public:
  constexpr Shared() = default;
  constexpr explicit Shared(T value) : value_(value) {}
  void bind(Word word, uint32_t object) {
    word_ = word;
    object_ = object;
    if (Driver* d = driver()) d->bound(this);
  }

  T load(std::memory_order, Step step) const {
    const Access access = before(step, Op::kLoad);
    after(access, value_, value_);
    return value_;
  }
  void store(T value, std::memory_order, Step step) {
    const Access access = before(step, Op::kStore, bits(value));
    after(access, value_, value);
    value_ = value;
  }
  bool compare_exchange(T& expected, T desired, std::memory_order, std::memory_order, Step step) {
    Access access = before(step, Op::kCasWon, bits(desired));
    if (value_ != expected) {
      access.op = Op::kCasLost;
      after(access, value_, value_);
      expected = value_;
      return false;
    }
    after(access, value_, desired);
    value_ = desired;
    return true;
  }
  T fetch_add(T value, std::memory_order, Step step) {
    return modify(step, static_cast<T>(peek_for(step) + value));
  }
  T fetch_sub(T value, std::memory_order, Step step) {
    return modify(step, static_cast<T>(peek_for(step) - value));
  }
  T fetch_or(T value, std::memory_order, Step step) {
    return modify(step, static_cast<T>(peek_for(step) | value));
  }
  T fetch_and(T value, std::memory_order, Step step) {
    return modify(step, static_cast<T>(peek_for(step) & value));
  }
  void add(T value, std::memory_order order, Step step) {
    const uint64_t reads = reads_before();
    fetch_add(value, order, step);
    forget_since(reads);
  }
  void sub(T value, std::memory_order order, Step step) {
    const uint64_t reads = reads_before();
    fetch_sub(value, order, step);
    forget_since(reads);
  }
  T exchange(T value, std::memory_order, Step step) {
    peek_for(step);
    return modify(step, value);
  }

  T peek(std::memory_order = std::memory_order_relaxed) const {
    watch(false);
    return value_;
  }
  void init(T value) { put(value); }
  void put(T value) {
    value_ = value;
    watch(true);
  }

 private:
  static uint64_t reads_before() { return driver() != nullptr ? driver()->reads() : 0; }
  static void forget_since(uint64_t reads) {
    if (Driver* d = driver()) d->restrict_reads(reads, 0);
  }
  void watch(bool write) const {
    if (Driver* d = driver(); d != nullptr && d->watching()) [[unlikely]]
      d->note_access(word_, object_, write, bits(value_));
  }
  static uint64_t bits(T value) {
    if constexpr (std::is_pointer_v<T>)
      return value != nullptr;  // addresses differ from run to run
    else
      return static_cast<uint64_t>(value);
  }
  Access before(Step step, Op op, uint64_t to = kUnknownValue) const {
    const Access access{step, word_, op, object_, to};
    if (Driver* d = driver()) d->step(access);
    return access;
  }
  void after(const Access& access, T was, T is) const {
    if (Driver* d = driver()) d->stepped(access, bits(was), bits(is));
  }
  T peek_for(Step step) {  // the suspension of a read-modify-write comes before its read
    before(step, Op::kRmw);
    return value_;
  }
  T modify(Step step, T value) {
    const T was = value_;
    after(Access{step, word_, Op::kRmw, object_}, was, value);
    value_ = value;
    return was;
  }

  T value_{};
  Word word_ = Word::kOther;
  uint32_t object_ = 0;
};

#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
