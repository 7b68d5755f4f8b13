// Waiting for a predicate: no wake-up may be lost. A lost wake-up hangs these tests until ctest's time limit.
#include "engine/base/wait_point.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "engine/base/shared.h"

namespace sweepscope::engine {
namespace {

TEST(WaitPoint, ReturnsAtOnceWhenThePredicateHolds) {
  WaitPoint point;
  int calls = 0;
  point.wait_until("test: wait", [&] { return ++calls > 0; });
  EXPECT_EQ(calls, 1);
}

// Two threads take turns kRounds times. Each waits for its turn, sometimes by spinning, sometimes asleep.
TEST(WaitPoint, PingPongLosesNoWakeUp) {
  constexpr uint32_t kRounds = 20000;
  WaitPoint point;
  Shared<uint32_t> turn;
  auto play = [&](uint32_t parity) {
    for (uint32_t i = parity; i < kRounds; i += 2) {
      point.wait_until("test: my turn", [&] { return turn.peek(std::memory_order_acquire) == i; });
      turn.store(i + 1, std::memory_order_release, "test: your turn");
      point.wake_all();
    }
  };
  std::thread even(play, 0), odd(play, 1);
  even.join();
  odd.join();
  EXPECT_EQ(turn.peek(), kRounds);
}

TEST(WaitPoint, WakeAllWakesEveryWaiterOfEveryRound) {
  constexpr uint32_t kWaiters = 4, kRounds = 1000;
  WaitPoint begin, done;
  Shared<uint32_t> round, finished;
  std::vector<std::thread> waiters;
  for (uint32_t w = 0; w < kWaiters; ++w) {
    waiters.emplace_back([&] {
      for (uint32_t r = 1; r <= kRounds; ++r) {
        begin.wait_until("test: round", [&] { return round.peek(std::memory_order_acquire) >= r; });
        if (finished.fetch_add(1, std::memory_order_acq_rel, "test: finished") + 1 == r * kWaiters)
          done.wake_one();
      }
    });
  }
  for (uint32_t r = 1; r <= kRounds; ++r) {
    round.store(r, std::memory_order_release, "test: next round");
    begin.wake_all();
    done.wait_until("test: all", [&] { return finished.peek(std::memory_order_acquire) == r * kWaiters; });
  }
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_EQ(finished.peek(), kWaiters * kRounds);
}

// Four consumers compete for tokens; each token comes with one wake_one.
TEST(WaitPoint, WakeOneIsEnoughForOneTokenEach) {
  constexpr uint32_t kConsumers = 4, kTokens = 8000;
  WaitPoint point;
  Shared<uint32_t> tokens;
  std::vector<std::thread> consumers;
  for (uint32_t c = 0; c < kConsumers; ++c) {
    consumers.emplace_back([&] {
      for (uint32_t taken = 0; taken < kTokens / kConsumers;) {
        point.wait_until("test: token", [&] { return tokens.peek() > 0; });
        uint32_t seen = tokens.peek();
        if (seen > 0 && tokens.compare_exchange(seen, seen - 1, std::memory_order_acq_rel,
                                                std::memory_order_relaxed, "test: take"))
          ++taken;
      }
    });
  }
  for (uint32_t i = 0; i < kTokens; ++i) {
    tokens.fetch_add(1, std::memory_order_acq_rel, "test: put");
    point.wake_one();
  }
  for (std::thread& consumer : consumers) consumer.join();
  EXPECT_EQ(tokens.peek(), 0u);
}

}  // namespace
}  // namespace sweepscope::engine
