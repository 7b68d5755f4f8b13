// The world word: which threads it counts, and how stops and entries wait for each other.
#include "engine/sched/world.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/engine/support/sched_bench.h"

namespace sweepscope::engine {
namespace {

TEST(World, CountsRunningThreads) {
  World world;
  EXPECT_EQ(world.running(), 0u);
  world.enter();
  world.enter();
  EXPECT_EQ(world.running(), 2u);
  EXPECT_FALSE(world.stopping());
  world.leave();
  world.leave();
  EXPECT_EQ(world.running(), 0u);
}

TEST(World, IsStoppedWhenOnlyTheCoordinatorRuns) {
  World world;
  world.enter();
  world.request_stop();
  EXPECT_TRUE(world.stopping());
  EXPECT_TRUE(world.stopped());
  EXPECT_EQ(world.attention.peek(), 1u);
  world.wait_stopped();
  world.start();
  EXPECT_FALSE(world.stopping());
  EXPECT_EQ(world.attention.peek(), 0u);
  EXPECT_EQ(world.running(), 1u);
}

TEST(World, StopWaitsForAThreadThatDoesNotPoll) {
  World world;
  world.enter();  // the coordinator
  std::atomic<bool> inside{false}, leave{false}, stopped{false};
  std::thread runner([&] {
    world.enter();
    inside = true;
    eventually([&] { return leave.load(); });
    EXPECT_FALSE(stopped.load());  // this thread runs, so the stop is not complete
    EXPECT_FALSE(world.stopped());
    world.leave();
  });
  eventually([&] { return inside.load(); });
  world.request_stop();
  EXPECT_FALSE(world.stopped());
  leave = true;
  world.wait_stopped();
  stopped = true;
  EXPECT_TRUE(world.stopped());
  runner.join();
  world.start();
  EXPECT_EQ(world.running(), 1u);
}

TEST(World, NoThreadEntersAStoppedWorld) {
  World world;
  world.enter();
  world.request_stop();
  world.wait_stopped();
  int plain = 0;  // written in the stopped world, read by a thread that enters after the start
  std::thread other([&] {
    world.enter();
    EXPECT_EQ(plain, 1);
    world.leave();
  });
  EXPECT_EQ(world.running(), 1u);
  plain = 1;
  world.start();
  other.join();
  EXPECT_EQ(world.running(), 1u);
}

TEST(World, StopsAndStartsUnderManyThreadsExcludeThem) {
  constexpr int kThreads = 4, kStops = 2000;
  World world;
  std::atomic<bool> quit{false};
  std::array<uint64_t, kThreads> work{};  // plain: written between enter and leave, read in the stopped world
  std::atomic<int> begun{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ++begun;
      while (!quit) {
        world.enter();
        ++work[static_cast<size_t>(t)];
        world.leave();
      }
    });
  }
  eventually([&] { return begun == kThreads; });
  world.enter();
  for (int i = 0; i < kStops; ++i) {
    world.request_stop();
    world.wait_stopped();
    ASSERT_TRUE(world.stopped());
    const auto before = work;
    ASSERT_EQ(work, before);
    world.start();
  }
  quit = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(world.running(), 1u);
}

}  // namespace
}  // namespace sweepscope::engine
