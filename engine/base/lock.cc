#include "engine/base/lock.h"

#ifndef SWEEPSCOPE_LABORATORY
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void Lock::note_taken(Context& context) {
  const uint32_t bit = 1u << static_cast<uint32_t>(rank_);
  // Every rank already held must be lower than this one.
  check(context, context.held_ranks < bit, FatalCode::kLockRank, Operand{"held", context.held_ranks},
        Operand{"wanted_rank", static_cast<uint64_t>(rank_)});
  context.held_ranks |= bit;
}

void Lock::disown(Context& context) { context.held_ranks &= ~(1u << static_cast<uint32_t>(rank_)); }

#ifdef SWEEPSCOPE_LABORATORY

void Lock::lock(Context& context, Step step) {
  Driver* d = driver();
  const Access access{step, word_, Op::kLock, object_};
  if (d != nullptr) {
    auto free = [this] { return word_value() == 0; };
    d->wait(access, PredicateRef(free), nullptr);
    d->stepped(access, 0, context.id + 1);
  }
  state_.store(context.id + 1, std::memory_order_relaxed);
  note_taken(context);
}

bool Lock::try_lock(Context& context, Step step) {
  Driver* d = driver();
  const Access access{step, word_, Op::kLock, object_};
  if (d != nullptr) d->step(access);
  const uint32_t was = word_value();
  if (d != nullptr) d->stepped(access, was, was != 0 ? was : context.id + 1);
  if (was != 0) return false;
  state_.store(context.id + 1, std::memory_order_relaxed);
  note_taken(context);
  return true;
}

void Lock::unlock(Context& context, Step step) {
  const Access access{step, word_, Op::kUnlock, object_};
  if (Driver* d = driver()) {
    d->step(access);
    d->stepped(access, word_value(), 0);
  }
  disown(context);
  state_.store(0, std::memory_order_relaxed);
}

#else

namespace {

void futex_wait(std::atomic<uint32_t>& word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
void futex_wake(std::atomic<uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace

// A thread that acquires the lock while it spins sets 1 (held), not 2 (held with sleepers): with 2 its unlock() would
// make a system call, which costs more than what most locks protect.
void Lock::lock(Context& context, Step) {
  bool mine = take_free();
  for (int spin = 0; spin < 100 && !mine; ++spin) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
    mine = state_.load(std::memory_order_relaxed) == 0 && take_free();
  }
  // acquire: as in take_free().
  if (!mine)
    while (state_.exchange(2, std::memory_order_acquire) != 0) futex_wait(state_, 2);
  note_taken(context);
}

// acquire pairs with the release in unlock(): the writes of the last holder are visible.
bool Lock::take_free() {
  uint32_t expected = 0;
  return state_.compare_exchange_strong(expected, 1, std::memory_order_acquire, std::memory_order_relaxed);
}

bool Lock::try_lock(Context& context, Step) {
  if (!take_free()) return false;
  note_taken(context);
  return true;
}

void Lock::unlock(Context& context, Step) {
  context.held_ranks &= ~(1u << static_cast<uint32_t>(rank_));
  if (state_.exchange(0, std::memory_order_release) == 2) futex_wake(state_);
}

#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
