// A mutual exclusion lock with a rank. A thread takes locks in ascending rank only;
// that is checked on every lock.
//
// Production: a futex mutex after Drepper's "Futexes are tricky" (0 free, 1 held, 2 held with sleepers),
// which spins briefly first. Laboratory: a step and a wait with a predicate;
// no real lock is held across a switch of fibers.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/context.h"
#include "engine/base/step.h"
#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Locks are taken in this order.
enum class Rank : uint8_t {
  kRoom = 0,
  kWorldSema,
  kThreads,
  kSched,
  kMCentral,
  kStackPool,
  kMHeap,
  kSweeper,
  kRoots,
  kSpecials,
  kFinalizerQueue,
  kWorkBuffers,
  kLeaf
};

class Lock {
 public:
  Lock(Rank rank, Word word, uint32_t object = 0) : rank_(rank), word_(word), object_(object) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void lock(Context& context, Step step);
  bool try_lock(Context& context, Step step);
  void unlock(Context& context, Step step);
  // A lock that outlives the function that took it, as a semaphore does: disown() leaves it held by no thread, and
  // the thread that adopts it gives it back. Both are no steps: what hands it over orders the two threads.
  void disown(Context& context);
  void adopt(Context& context) { note_taken(context); }
  bool held() const {  // for predicates
#ifdef SWEEPSCOPE_LABORATORY
    if (Driver* d = driver(); d != nullptr && d->watching())
      d->note_access(word_, object_, false, word_value());
#endif
    return word_value() != 0;
  }

 private:
  uint32_t word_value() const { return state_.load(std::memory_order_relaxed); }
  void note_taken(Context& context);
  bool take_free();

  std::atomic<uint32_t> state_{0};
  Rank rank_;
  Word word_;
  uint32_t object_;
};

class Guard {
 public:
  Guard(Context& context, Lock& lock, Step step) : context_(context), lock_(lock), step_(step) {
    lock_.lock(context_, step_);
  }
  ~Guard() { lock_.unlock(context_, step_); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Context& context_;
  Lock& lock_;
  [[no_unique_address]] Step step_;  // empty in production
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
