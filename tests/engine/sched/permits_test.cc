// Run permits: at most their number is held at once, and they are granted in the order of the requests.
#include "engine/sched/permits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/engine/support/sched_bench.h"

namespace sweepscope::engine {
namespace {

TEST(Permits, AreNeverExceededAndNeverLost) {
  constexpr uint32_t kPermits = 2, kThreads = 6, kRounds = 3000;
  Shared<uint32_t> attention;
  Permits permits(kPermits, attention);
  std::atomic<uint32_t> holding{0}, most{0};
  std::vector<M> ms(kThreads);
  std::vector<std::thread> threads;
  for (M& m : ms) {
    threads.emplace_back([&] {
      for (uint32_t i = 0; i < kRounds; ++i) {
        permits.take(m);
        const uint32_t now = holding.fetch_add(1) + 1;
        uint32_t seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        holding.fetch_sub(1);
        permits.give(m);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most.load(), kPermits);
  EXPECT_GE(most.load(), 1u);
  EXPECT_EQ(attention.peek(), 0u);
  EXPECT_FALSE(permits.wanted());
}

TEST(Permits, SecondTakeAndSecondGiveDoNothing) {
  Shared<uint32_t> attention;
  Permits permits(1, attention);
  M one, two;
  permits.take(one);
  permits.take(one);
  EXPECT_TRUE(one.has_permit);
  permits.give(one);
  permits.give(one);
  EXPECT_FALSE(one.has_permit);
  permits.take(two);
  EXPECT_FALSE(permits.wanted());
  permits.give(two);
}

TEST(Permits, AreGrantedInTheOrderOfTheRequests) {
  constexpr uint32_t kThreads = 600;
  Shared<uint32_t> attention;
  Permits permits(1, attention);
  M holder;
  permits.take(holder);
  std::vector<M> ms(kThreads);
  std::mutex mutex;
  std::vector<uint32_t> order;
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      permits.take(ms[t]);
      {
        const std::lock_guard guard(mutex);
        order.push_back(t);
      }
      permits.give(ms[t]);
    });
    eventually([&] { return attention.peek() == t + 1; });  // it drew its ticket and waits
  }
  EXPECT_TRUE(permits.wanted());
  permits.give(holder);
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(order.size(), kThreads);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

// If waiters share a futex, a grant also wakes threads with later tickets, which sleep again.
TEST(Permits, EveryThreadOfARunWaitsOnItsOwnFutex) {
  EXPECT_GE(Permits::kPlaces, 4096u);
  EXPECT_EQ((uint64_t{1} << 32) % Permits::kPlaces, 0u) << "tickets that wrap around keep their order";
}

TEST(Permits, MoreMutatorsThanPermitsAndPsAllMakeProgress) {
  constexpr uint32_t kMutators = 8;
  constexpr uint64_t kPolls = 20000;
  SchedBench bench(2, 1);
  std::array<std::atomic<uint64_t>, kMutators> polls{};
  // No mutator ends before all have begun: a mutator that never gets a P or a permit hangs the test.
  std::atomic<uint32_t> begun{0};
  for (uint32_t i = 0; i < kMutators; ++i) {
    bench.engine->start_mutator("spin", [&, i](Mutator& m) {
      ++begun;
      while (begun < kMutators || polls[i] < kPolls) {
        ++polls[i];
        m.poll();
      }
    });
  }
  bench.engine->join_mutators();
  for (const auto& count : polls) EXPECT_GE(count.load(), kPolls);
}

}  // namespace
}  // namespace sweepscope::engine
