// Small protocols on the engine's seam, with known answers, to test the laboratory without the engine.
#pragma once

#include <memory>

#include "engine/base/context.h"
#include "engine/base/lock.h"
#include "engine/base/shared.h"
#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/laboratory/seam/scheduler.h"

namespace sweepscope::laboratory::toys {

using engine::Context;
using engine::Fatal;
using engine::FatalCode;
using engine::Guard;
using engine::Lock;
using engine::Operand;
using engine::Rank;
using engine::Shared;
using engine::Thread;
using engine::WaitPoint;
using engine::Word;

// Passes a failed check to the scheduler, like the engine's own port.
class ToDriver final : public Fatal {
 public:
  void fail(Context& context, FatalCode code, std::span<const Operand> operands) override {
    engine::driver()->violation(context, code, operands);
  }
};

enum class Protection { kNone, kLock };

// One thread waits for a flag that another raises, which then wakes it or forgets to.
inline void raise_flag(bool wakes) {
  Shared<uint32_t> flag;
  WaitPoint raised;
  Thread waiter("waiter", [&] { raised.wait_until("wait for the flag", [&] { return flag.peek() != 0; }); });
  flag.store(1, std::memory_order_release, "raise the flag");
  if (wakes) raised.wake_all();
  waiter.join();
}

// Two threads wait at one place for a flag each; both are raised, then one or both are woken.
inline void raise_two_flags(engine::Driver::Wake whom) {
  Shared<uint32_t> first, second;
  WaitPoint raised;
  Thread one("one", [&] { raised.wait_until("wait for the first", [&] { return first.peek() != 0; }); });
  Thread two("two", [&] { raised.wait_until("wait for the second", [&] { return second.peek() != 0; }); });
  first.store(1, std::memory_order_release, "raise the first");
  second.store(1, std::memory_order_release, "raise the second");
  whom == engine::Driver::Wake::kOne ? raised.wake_one() : raised.wake_all();
  one.join();
  two.join();
}

// Two threads increment a counter by a load and a store; without a lock an increment can be lost.
inline void counter(Protection protection, int threads = 2, int rounds = 2) {
  struct State {
    ToDriver fatal;
    Shared<uint32_t> value;
    Lock lock{Rank::kLeaf, Word::kOther, 1};
  } state;
  std::vector<Thread> workers;
  for (int i = 0; i < threads; ++i)
    workers.emplace_back("worker " + std::to_string(i + 1), [&state, i, protection, rounds] {
      Context me{.fatal = &state.fatal, .id = static_cast<uint32_t>(i + 1)};
      for (int round = 0; round < rounds; ++round) {
        if (protection == Protection::kLock) state.lock.lock(me, "lock the counter");
        const uint32_t seen = state.value.load(std::memory_order_relaxed, "read the counter");
        state.value.store(seen + 1, std::memory_order_relaxed, "write the counter");
        if (protection == Protection::kLock) state.lock.unlock(me, "unlock the counter");
      }
    });
  for (Thread& worker : workers) worker.join();
  Context me{.fatal = &state.fatal};
  check(me, state.value.peek() == static_cast<uint32_t>(threads * rounds), FatalCode::kMisuse,
        Operand{"counter", state.value.peek()});
}

// Two threads take one lock each and wait for the other: the classic deadlock, with wait points because the
// lock's rank check would fail earlier.
inline void embrace() {
  struct State {
    Shared<uint32_t> left, right;
    WaitPoint left_free, right_free;
  } state;
  auto take = [](Shared<uint32_t>& first, WaitPoint& first_free, Shared<uint32_t>& second,
                 WaitPoint& second_free) {
    auto acquire = [](Shared<uint32_t>& word, WaitPoint& free) {
      uint32_t expected = 0;
      while (
          !word.compare_exchange(expected, 1, std::memory_order_acquire, std::memory_order_relaxed, "take")) {
        free.wait_until("wait for the fork", [&word] { return word.peek() == 0; });
        expected = 0;
      }
    };
    acquire(first, first_free);
    acquire(second, second_free);
    second.store(0, std::memory_order_release, "put back");
    first.store(0, std::memory_order_release, "put back");
  };
  Thread one("one", [&] { take(state.left, state.left_free, state.right, state.right_free); });
  Thread two("two", [&] { take(state.right, state.right_free, state.left, state.left_free); });
  one.join();
  two.join();
}

// Spins forever on a word that no thread writes.
inline void spin() {
  Shared<uint32_t> word;
  while (word.load(std::memory_order_relaxed, "spin") == 0) {
  }
}

}  // namespace sweepscope::laboratory::toys
