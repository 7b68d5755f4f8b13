#include "telemetry/ring/hand_over_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

namespace sweepscope::telemetry {
namespace {

using namespace std::chrono_literals;

struct Item {
  int thread;
  int number;
  uint64_t order = 0;
};

TEST(HandOverQueue, KeepsTheOrderOfThePushes) {
  HandOverQueue<Item> queue(8);
  uint64_t order = 0;  // written under the queue's lock
  std::vector<std::thread> threads;
  constexpr int kThreads = 4, kItems = 2000;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kItems; ++i) queue.push({t, i}, [&](Item& item) { item.order = order++; });
    });
  std::vector<Item> all, taken;
  while (all.size() < kThreads * kItems) {
    queue.take_all(taken, 1ms);
    all.insert(all.end(), taken.begin(), taken.end());
    taken.clear();
  }
  for (std::thread& thread : threads) thread.join();
  std::map<int, int> next;
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].order, i);
    EXPECT_EQ(all[i].number, next[all[i].thread]++);
  }
}

TEST(HandOverQueue, WakesTheConsumerAtTheThreshold) {
  HandOverQueue<Item> queue(2);
  std::vector<Item> taken;
  std::thread taker([&] { queue.take_all(taken, 1h); });
  queue.push({0, 0}, [](Item&) {});
  queue.push({0, 1}, [](Item&) {});
  taker.join();
  EXPECT_EQ(taken.size(), 2u);
}

TEST(HandOverQueue, AWakeBeforeTheTakeIsKept) {
  HandOverQueue<Item> queue(2);
  queue.push({0, 0}, [](Item&) {});
  queue.wake();
  std::vector<Item> taken;
  queue.take_all(taken, 1h);
  EXPECT_EQ(taken.size(), 1u);
}

}  // namespace
}  // namespace sweepscope::telemetry
