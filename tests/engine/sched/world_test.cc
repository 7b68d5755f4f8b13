// The world word: which threads it counts, and how stops and entries wait for each other.
#include "engine/sched/world.h"

#include <gtest/gtest.h>

#include <algorithm>
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

// Each stop lasts until every thread is at the door: one that ignores the stop then comes in and sees `stopped`.
TEST(World, StopsAndStartsUnderManyThreadsExcludeThem) {
  constexpr size_t kThreads = 4;
  constexpr int kStops = 2000;
  World world;
  std::atomic<bool> quit{false}, stopped{false};
  std::array<std::atomic<bool>, kThreads> at_the_door{};
  std::atomic<uint64_t> intruders{0}, entered{0};
  std::array<uint64_t, kThreads> work{};  // plain: written between enter and leave, read in the stopped world
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      while (!quit) {
        at_the_door[t] = true;
        world.enter();
        at_the_door[t] = false;
        if (stopped) ++intruders;
        ++work[t];
        ++entered;
        world.leave();
      }
    });
  }
  world.enter();
  uint64_t worked = 0;
  for (int i = 0; i < kStops && intruders == 0; ++i) {
    world.request_stop();
    world.wait_stopped();
    stopped = true;
    const std::array<uint64_t, kThreads> before = work;
    eventually([&] {
      return intruders > 0 ||
             std::all_of(at_the_door.begin(), at_the_door.end(), [](const auto& at) { return at.load(); });
    });
    EXPECT_TRUE(world.stopped());
    EXPECT_EQ(work, before);
    stopped = false;
    const uint64_t seen = entered;
    world.start();
    eventually([&] { return entered != seen; });  // else the next stop comes before any thread has woken
    for (uint64_t done : before) worked += done;
  }
  quit = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(intruders, 0u) << "threads that ran in a stopped world";
  EXPECT_GT(worked, 0u);
  EXPECT_EQ(world.running(), 1u);
}

}  // namespace
}  // namespace sweepscope::engine
