// A place where threads wait for a condition on shared words.
// The predicate is the truth; a wake-up is only a hint.
//
// Production: spins for a few tens of microseconds (the price of a futex wake), then sleeps on a futex;
// the waker pays a fence and a load when no thread sleeps.
// Laboratory: the fiber is enabled when the predicate holds. Wake-ups do nothing, unless the run asks for
// sleepers (RunSettings::sleepers): then a fiber that found its predicate false sleeps until it is woken.
// No lock may be held and no P owned while waiting unless the partner needs neither.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/context.h"
#include "engine/base/step.h"
#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifndef SWEEPSCOPE_LABORATORY
void spin_pause(uint32_t spins);  // pauses the core; after some spins, yields it
#endif

class WaitPoint {
 public:
  void bind(Word word, uint32_t object) {
    word_ = word;
    object_ = object;
  }

#ifdef SWEEPSCOPE_LABORATORY
  template <class Predicate>
  void wait_until(Step step, Predicate ready) {
    if (Driver* d = driver()) d->wait(Access{step, word_, Op::kWait, object_}, PredicateRef(ready), this);
  }
  // The laboratory has no clock: the time may be over at once.
  template <class Predicate>
  void wait_for(Step step, uint64_t /*ns*/, Predicate) {
    if (Driver* d = driver()) d->step(Access{step, word_, Op::kWait, object_});
  }
  void wake_all() {
    if (Driver* d = driver()) d->woken(this, Driver::Wake::kAll);
  }
  void wake_one() {
    if (Driver* d = driver()) d->woken(this, Driver::Wake::kOne);
  }
#else
  template <class Predicate>
  void wait_until(Step, Predicate ready) {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (ready()) return;
      pause();
    }
    while (!sleep_unless(ready, kNoLimit)) {
    }
  }
  // Until the predicate holds, or about `ns` nanoseconds have passed, or somewhat earlier: the caller looks again.
  template <class Predicate>
  void wait_for(Step, uint64_t ns, Predicate ready) {
    sleep_unless(ready, ns);
  }
  void wake_all() { wake(INT32_MAX); }
  void wake_one() { wake(1); }
#endif

 private:
#ifndef SWEEPSCOPE_LABORATORY
  static constexpr int kSpins = 600;  // about 20 us of `pause` on current x86
  static constexpr uint64_t kNoLimit = ~uint64_t{0};
  static void pause();
  void sleep(uint32_t ticket, uint64_t ns);
  void wake(int count);

  // Sleeps at most once. Whether the predicate holds.
  template <class Predicate>
  bool sleep_unless(Predicate& ready, uint64_t ns) {
    // Announce, then check: pairs with the waker, which changes the condition, then checks for sleepers.
    // Both sides put a seq_cst fence between their write and their read, so at least one of them sees the
    // other.
    const uint32_t ticket = ticket_.load(std::memory_order_acquire);
    sleepers_.fetch_add(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const bool done = ready();
    if (!done) sleep(ticket, ns);
    sleepers_.fetch_sub(1, std::memory_order_relaxed);
    return done || ready();
  }

  std::atomic<uint32_t> ticket_{0};
  std::atomic<uint32_t> sleepers_{0};
#endif
  Word word_ = Word::kOther;
  uint32_t object_ = 0;
};

// Spins until the predicate holds: for a short wait on a running partner, where a wake-up would cost the
// partner more than sleeping saves. The caller keeps its P and needs no wake-up.
template <class Predicate>
void spin_until([[maybe_unused]] Step step, [[maybe_unused]] Word word, [[maybe_unused]] uint32_t object,
                Predicate ready) {
#ifdef SWEEPSCOPE_LABORATORY
  if (Driver* d = driver()) d->wait(Access{step, word, Op::kWait, object}, PredicateRef(ready), nullptr);
#else
  for (uint32_t spin = 0; !ready(); ++spin) spin_pause(spin);
#endif
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
