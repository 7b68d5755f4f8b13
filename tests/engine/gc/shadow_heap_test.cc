// Random programs against a shadow heap, for every policy and several numbers of Ps, with the verifier in
// every cycle. SWEEPSCOPE_TEST_SEED=N repeats one.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <tuple>

#include "tests/engine/support/shadow_heap.h"
#include "tests/engine/support/white_box.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

struct ShadowHeap : ::testing::TestWithParam<std::tuple<std::string, uint32_t>> {
  EngineOptions options(uint32_t gogc) {
    EngineOptions options;
    options.concurrent_mark = false;  // exact: concurrent_mark_test.cc has the other
    options.flush_policy = std::get<0>(GetParam());
    options.procs = std::get<1>(GetParam());
    options.cores = 2;
    options.gogc = gogc;
    options.verify = true;
    options.max_heap_bytes = 1ull << 30;
    options.arena_bytes = 4ull << 20;
    options.huge_pages = false;
    return options;
  }
};

TEST_P(ShadowHeap, ReachableGraphAndContentsSurviveEveryCollection) {
  const uint64_t seed = testing::seed_or(11);
  SWEEPSCOPE_TRACE_SEED(seed);
  expect_graphs_survive(options(50), seed, std::get<1>(GetParam()) + 1, 4000);
}

// A forced collection completes its sweep: garbage made between two collections is freed by the second at the
// latest.
TEST_P(ShadowHeap, CollectionsFreeExactlyTheGarbage) {
  const uint64_t seed = testing::seed_or(12);
  SWEEPSCOPE_TRACE_SEED(seed);
  EngineOptions exact = options(kGcOff);
  exact.tiny_blocks = false;  // an object in a tiny block lives as long as its neighbours
  Engine::Created made = Engine::create(exact);
  ASSERT_TRUE(made.engine) << made.error;
  Engine& engine = *made.engine;
  engine.start_mutator("random", [&](Mutator& m) {
    ShadowProgram program(m, seed);
    for (int round = 0; round < 6; ++round) {
      program.run(600);
      m.collect();
      m.collect();
      program.check();
      EngineStats stats;
      m.blocking([&] { stats = engine.stats(); });
      ASSERT_EQ(stats.alloc_objects - stats.freed_objects, program.live_objects());
      ASSERT_EQ(stats.per_cycle.back().marked_objects, program.live_objects());
      ASSERT_EQ(stats.alloc_objects, program.made() + 1);
    }
    program.drop_all();
    m.collect();
    EngineStats stats;
    m.blocking([&] { stats = engine.stats(); });
    EXPECT_EQ(stats.alloc_objects - stats.freed_objects, 1u);
  });
  engine.join_mutators();
  engine.collect();
  const EngineStats stats = engine.stats();
  EXPECT_EQ(stats.alloc_objects, stats.freed_objects);
  EXPECT_EQ(stats.alloc_bytes, stats.freed_bytes);
  // D2, which lazy-seed keeps: a stale span without live objects stays on its mcentral's list.
  if (std::get<0>(GetParam()) == "lazy-seed")
    EXPECT_GT(stats.heap_in_use_bytes, 0u);
  else
    EXPECT_EQ(stats.heap_in_use_bytes, 0u);
  EXPECT_EQ(stats.heap_live, 0u);
}

INSTANTIATE_TEST_SUITE_P(Policies, ShadowHeap,
                         ::testing::Combine(::testing::ValuesIn(flush_policy_names()),
                                            ::testing::Values(1u, 2u, 4u)),
                         [](const auto& test) {
                           return test_name_of(std::get<0>(test.param)) + "On" +
                                  std::to_string(std::get<1>(test.param));
                         });

}  // namespace
}  // namespace sweepscope::engine
