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

TEST(SweepQueue, ConcurrentPushesThenConcurrentPopsLoseAndDuplicateNothing) {
  constexpr uint32_t kThreads = 4, kEach = 20000;
  SweepQueue queue(OsArray<uint32_t>(kThreads * kEach), 0);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&queue, t] {
      for (uint32_t i = 0; i < kEach; ++i) queue.push(t * kEach + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  ASSERT_EQ(queue.size(), kThreads * kEach);

  std::vector<std::vector<uint32_t>> popped(kThreads);
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&queue, &mine = popped[t]] {
      while (const std::optional<uint32_t> id = queue.pop()) mine.push_back(*id);
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
