// for_each_p runs its function exactly once for every P, in any status. A skipped P hangs the test.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "engine/base/random.h"
#include "tests/engine/support/sched_bench.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

using observe::PStatus;

TEST(ForEachP, RunsOnceForIdleReadyBlockedAndItsOwnP) {
  SchedBench bench(4);
  M& m = bench.thread();
  M& ready = bench.thread();
  M& blocked = bench.thread();
  bench.sched().acquire_p(m, 0);
  bench.sched().acquire_p(ready, 1);
  bench.sched().release_p(ready, PStatus::kReady);
  bench.sched().acquire_p(blocked, 2);
  bench.sched().release_p(blocked, PStatus::kBlocked);
  std::array<int, 4> runs{};
  bench.sched().for_each_p(m, [&](SchedThread& by, P& p) {
    EXPECT_EQ(&by, &m);
    EXPECT_EQ(p.status.peek(), p.id == 0 ? PStatus::kRunning : PStatus::kFlushing);
    ++runs[p.id];
  });
  EXPECT_EQ(runs, (std::array<int, 4>{1, 1, 1, 1}));
  EXPECT_EQ(bench.status(1), PStatus::kReady);
  EXPECT_EQ(bench.status(2), PStatus::kBlocked);
  EXPECT_EQ(bench.sched().p(2).owner, blocked.id);
  EXPECT_EQ(bench.status(3), PStatus::kIdle);
  EXPECT_EQ(bench.sched().world.attention.peek(), 0u);
  bench.leave(m);
}

TEST(ForEachP, RunsOnARunningPAtItsNextPollByItsOwnThread) {
  SchedBench bench(2);
  M& m = bench.thread();
  bench.sched().acquire_p(m, 0);
  std::atomic<bool> quit{false}, running{false};
  std::atomic<uint32_t> runner{kNoThread};
  uint32_t mutator_id = 0;
  bench.engine->start_mutator("spin", [&](Mutator& mutator) {
    mutator_id = mutator.m().id;
    running = true;
    while (!quit) mutator.poll();
  });
  eventually([&] { return running.load(); });
  bench.sched().for_each_p(m, [&](SchedThread& by, P& p) {
    if (p.id == 1) runner = by.id;
  });
  EXPECT_EQ(runner, mutator_id);
  quit = true;
  bench.leave(m);
  bench.engine->join_mutators();
}

TEST(ForEachP, RunsWhenARunningThreadBlocksOrEndsInsteadOfPolling) {
  SchedBench bench(3);
  M& m = bench.thread();
  bench.sched().acquire_p(m, 0);
  std::atomic<int> running{0};
  std::atomic<bool> resume{false};
  auto requested = [&](Mutator& mutator) { return bench.sched().p(mutator.p()).safe_point.peek() != 0; };
  bench.engine->start_mutator("blocks", [&](Mutator& mutator) {
    ++running;
    eventually([&] { return requested(mutator); });
    mutator.blocking([&] { eventually([&] { return resume.load(); }); });
  });
  bench.engine->start_mutator("ends", [&](Mutator& mutator) {
    ++running;
    eventually([&] { return requested(mutator); });
  });
  eventually([&] { return running == 2; });
  std::array<std::atomic<int>, 3> runs{};
  bench.sched().for_each_p(m, [&](SchedThread&, P& p) { ++runs[p.id]; });
  for (const auto& count : runs) EXPECT_EQ(count, 1);
  resume = true;
  bench.leave(m);
  bench.engine->join_mutators();
}

// Threads release their Ps in every way while for_each_p sends requests. A request that arrives between the
// check in release_p and its lock must still be served.
TEST(ForEachP, NeverSkipsAPThatIsBeingReleased) {
  constexpr uint64_t kReleases = 60000;
  const uint64_t seed = testing::seed_or(5);
  SWEEPSCOPE_TRACE_SEED(seed);
  SchedBench bench(3);
  M& m = bench.thread();
  bench.sched().acquire_p(m, 0);
  std::atomic<bool> quit{false};
  std::atomic<uint64_t> releases{0};
  for (uint32_t t = 0; t < 2; ++t) {
    bench.engine->start_mutator("walker", [&, t](Mutator& mutator) {
      Random random(seed + t);
      while (!quit) {
        ++releases;
        switch (random.below(3)) {
          case 0: mutator.move_to_p(1 + t); break;
          case 1: mutator.blocking([] {}); break;
          default: mutator.poll();
        }
      }
    });
  }
  std::array<uint32_t, 3> runs{};  // plain: for_each_p orders the increments
  uint32_t rounds = 0;
  for (; releases < kReleases; ++rounds)
    bench.sched().for_each_p(m, [&](SchedThread&, P& p) { ++runs[p.id]; });
  for (uint32_t count : runs) EXPECT_EQ(count, rounds);
  quit = true;
  bench.leave(m);
  bench.engine->join_mutators();
}

}  // namespace
}  // namespace sweepscope::engine
