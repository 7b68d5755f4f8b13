// Flushes in a stopped world outside the flush policies: for statistics, and before a sweep of all spans.
#include <gtest/gtest.h>

#include "tests/engine/support/sched_bench.h"

namespace sweepscope::engine {
namespace {

using observe::Cause;
using observe::FlushCause;

constexpr uint32_t kProcs = 3;

EngineOptions stopped_options(const std::string& policy) {
  EngineOptions options = quiet_options(kProcs);
  options.flush_policy = policy;
  options.verify = true;
  return options;
}

void visit_all(Mutator& m) {
  for (uint32_t p = 0; p < kProcs; ++p) {
    m.move_to_p(p);
    make_bytes(m, 64);
    make_bytes(m, 4096);
    make_bytes(m, 3);
  }
}

struct StoppedFlush : ::testing::TestWithParam<std::string> {};

TEST_P(StoppedFlush, ReadMemStatsEmptiesEveryMcacheAndLeavesFlushGen) {
  Engine::Created made = Engine::create(stopped_options(GetParam()));
  Engine& engine = *made.engine;
  engine.start_mutator("visits", visit_all);
  engine.join_mutators();
  const EngineStats before = engine.stats();
  ASSERT_EQ(before.cached_spans, 3u * kProcs);
  const EngineStats after = engine.read_mem_stats();
  EXPECT_EQ(after.cached_spans, 0u);
  EXPECT_EQ(after.alloc_objects, before.alloc_objects);
  EXPECT_EQ(after.alloc_bytes, before.alloc_bytes);
  EXPECT_EQ(after.freed_objects, before.freed_objects);
  EXPECT_EQ(after.flushes[static_cast<size_t>(FlushCause::kStats)], kProcs);
  EXPECT_EQ(after.flushed_spans[static_cast<size_t>(FlushCause::kStats)], 3u * kProcs);
  for (uint64_t swept : after.swept_spans) EXPECT_EQ(swept, 0u);
  // No mcache holds a free slot any more, so heap_live is what was allocated.
  EXPECT_EQ(after.heap_live, after.alloc_bytes);
  for (uint32_t p = 0; p < kProcs; ++p) {
    EXPECT_EQ(engine.runtime().sched().p(p).mcache.flush_gen.peek(), after.sweepgen);
    EXPECT_EQ(engine.runtime().sched().p(p).mcache.tiny, 0u);
  }
  expect_sound(engine);
  // Empty mcaches are not flushed.
  EXPECT_EQ(engine.read_mem_stats().flushes[static_cast<size_t>(FlushCause::kStats)], kProcs);
}

TEST_P(StoppedFlush, StwSweepLeavesNothingToSweep) {
  EngineOptions options = stopped_options(GetParam());
  options.stw_sweep = true;
  Engine::Created made = Engine::create(options);
  Engine& engine = *made.engine;
  engine.start_mutator("visits", [&](Mutator& m) {
    visit_all(m);
    m.collect();
  });
  engine.join_mutators();
  expect_sound(engine);
  const EngineStats stats = engine.stats();
  const uint64_t stw = stats.swept_spans[static_cast<size_t>(Cause::kStw)];
  const uint64_t flush = stats.swept_spans[static_cast<size_t>(Cause::kFlush)];
  EXPECT_EQ(stw + flush, 3u * kProcs);
  const Pause& pause = stats.per_cycle.at(0).mark_termination;
  if (GetParam() == "lazy-seed") {  // D4: only the barrier flushes the mcaches, after the stopped sweep
    EXPECT_EQ(pause.spans_flushed, 0u);
    EXPECT_EQ(stats.flushes[static_cast<size_t>(FlushCause::kStw)], 0u);
    EXPECT_EQ(stats.per_cycle.at(0).flush_barrier.value().spans, 3u * (kProcs - 1));
  } else {
    EXPECT_EQ(pause.spans_flushed, 3u * kProcs);
    EXPECT_EQ(stats.flushes[static_cast<size_t>(FlushCause::kStw)], kProcs);
    const auto& barrier = stats.per_cycle.at(0).flush_barrier;
    EXPECT_EQ(barrier ? barrier->spans : 0, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, StoppedFlush, ::testing::ValuesIn(flush_policy_names()),
                         [](const auto& test) { return test_name_of(test.param); });

}  // namespace
}  // namespace sweepscope::engine
