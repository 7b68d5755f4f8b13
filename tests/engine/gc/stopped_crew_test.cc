// The threads that work with the coordinator in a stopped world, and the flushes of policy eager that they share.
#include "engine/gc/stopped_crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "tests/engine/support/sched_bench.h"

namespace sweepscope::engine {
namespace {

using observe::FlushCause;

constexpr uint32_t kProcs = 100;  // enough for helpers, and no multiple of a piece

EngineOptions eager_options(bool serial) {
  EngineOptions options = quiet_options(kProcs);
  options.flush_policy = "eager";
  options.markers = 3;
  options.serial_flush = serial;
  options.verify = true;
  return options;
}

TEST(StoppedCrew, RunsAJobOnceOnEachWorkerAndFlushesOfHelpersCountForTheCaller) {
  Engine::Created made = Engine::create(eager_options(false));
  Runtime& runtime = made.engine->runtime();
  M& m = runtime.threads().add();
  std::array<std::atomic<int>, 4> runs{};
  constexpr auto kCause = static_cast<size_t>(FlushCause::kStw);
  for (int round = 1; round <= 2; ++round) {
    std::array<MarkThread*, 4> threads{};
    runtime.crew().run(m, [&](uint32_t worker, MarkThread& by) {
      ++runs.at(worker);
      threads.at(worker) = &by;
      by.flushes[kCause] += 1;
      by.flushed_spans[kCause] += worker;
    });
    for (const auto& count : runs) EXPECT_EQ(count, round);
    EXPECT_EQ(threads[0], &m);
    EXPECT_EQ(std::set<MarkThread*>(threads.begin(), threads.end()).size(), 4u);
    EXPECT_EQ(m.flushes[kCause], 4u * round);
    EXPECT_EQ(m.flushed_spans[kCause], (1u + 2 + 3) * round);
  }
}

// Each piece once, whoever takes it, and from the first one again in the next run.
TEST(StoppedCrew, PiecesAreTakenOnceInEachRun) {
  Engine::Created made = Engine::create(eager_options(false));
  Runtime& runtime = made.engine->runtime();
  M& m = runtime.threads().add();
  constexpr uint32_t kPieces = 1000;
  for (int round = 0; round < 2; ++round) {
    std::array<std::atomic<int>, kPieces> taken{};
    runtime.crew().run(m, [&](uint32_t, MarkThread&) {
      for (uint32_t piece; (piece = runtime.crew().take_piece()) < kPieces;) ++taken[piece];
    });
    for (const auto& times : taken) ASSERT_EQ(times, 1);
  }
}

TEST(StoppedCrew, NumberOfPsThatShareFlushesIsFixedOutsideTheLaboratory) {
  EngineOptions options = eager_options(false);
  options.shared_flush_procs = 2;
  EXPECT_EQ(Engine::create(options).error,
            "shared_flush_procs can be changed in the laboratory only; here it is 64");
}

struct EagerFlush : ::testing::TestWithParam<bool> {};

// Each P has a span of three classes. Its flush counts once, whichever thread makes it.
TEST_P(EagerFlush, EmptiesEveryMcacheOnce) {
  Engine::Created made = Engine::create(eager_options(GetParam()));
  Engine& engine = *made.engine;
  engine.start_mutator("visits", [&](Mutator& m) {
    for (int cycle = 0; cycle < 3; ++cycle) {
      for (uint32_t p = 0; p < kProcs; ++p) {
        m.move_to_p(p);
        make_bytes(m, 64);
        make_bytes(m, 4096);
        make_bytes(m, 3);
      }
      m.collect();
    }
  });
  engine.join_mutators();
  const EngineStats stats = engine.stats();
  EXPECT_EQ(stats.flushes[static_cast<size_t>(FlushCause::kStw)], 3 * kProcs);
  EXPECT_EQ(stats.flushed_spans[static_cast<size_t>(FlushCause::kStw)], 3 * 3 * kProcs);
  ASSERT_EQ(stats.per_cycle.size(), 3u);
  for (const CycleRecord& cycle : stats.per_cycle)
    EXPECT_EQ(cycle.mark_termination.spans_flushed, 3 * kProcs);
  EXPECT_EQ(stats.cached_spans, 0u);
}

INSTANTIATE_TEST_SUITE_P(Helpers, EagerFlush, ::testing::Bool(),
                         [](const auto& test) { return std::string(test.param ? "Serial" : "Shared"); });

}  // namespace
}  // namespace sweepscope::engine
