// Sweep queues: every id comes out once, under concurrent pushes and under concurrent pops.
#include "engine/heap/sweep_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>
#include <vector>

namespace sweepscope::engine {
namespace {

TEST(SweepQueue, EmptyQueuePopsNothing) {
  SweepQueue queue(OsArray<uint32_t>(16), 0);
  EXPECT_EQ(queue.pop(), std::nullopt);
  queue.push(7);
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.at(0), 7u);
  EXPECT_EQ(queue.pop(), 7u);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(SweepQueue, BatchesComeOutWholeAndNoLargerThanAsked) {
  SweepQueue queue(OsArray<uint32_t>(16), 0);
  const std::vector<uint32_t> first{5, 3}, second{8, 1, 9};
  queue.push(first);
  queue.push(second);
  const auto popped = [&queue](uint32_t most) {
    const std::span<const uint32_t> ids = queue.pop(most);
    return std::vector<uint32_t>(ids.begin(), ids.end());
  };
  EXPECT_EQ(popped(2), (std::vector<uint32_t>{1, 9}));
  EXPECT_EQ(popped(1), (std::vector<uint32_t>{8}));
  EXPECT_EQ(popped(32), first);
  EXPECT_EQ(popped(32), std::vector<uint32_t>());
  EXPECT_EQ(queue.size(), 0u);
}

TEST(SweepQueue, ConcurrentPushesThenConcurrentPopsLoseAndDuplicateNothing) {
  constexpr uint32_t kThreads = 4, kEach = 20000;
  SweepQueue queue(OsArray<uint32_t>(kThreads * kEach), 0);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&queue, t] {
      for (uint32_t i = 0; i < kEach; i += 2) {
        const uint32_t batch[] = {t * kEach + i, t * kEach + i + 1};
        if (i % 3 == 0)
          queue.push(batch);
        else
          queue.push(batch[0]), queue.push(batch[1]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  ASSERT_EQ(queue.size(), kThreads * kEach);

  std::vector<std::vector<uint32_t>> popped(kThreads);
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&queue, &mine = popped[t]] {
      for (uint32_t most = 1;; most = most % 7 + 1) {
        const std::span<const uint32_t> ids = queue.pop(most);
        if (ids.empty()) break;
        mine.insert(mine.end(), ids.begin(), ids.end());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<uint32_t> all, expected(kThreads * kEach);
  for (const std::vector<uint32_t>& mine : popped) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  std::iota(expected.begin(), expected.end(), 0u);
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace sweepscope::engine
