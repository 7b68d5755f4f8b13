// When the next cycle begins: a share of what was marked, never below the minimum heap.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

constexpr uint64_t kMiB = 1 << 20;

EngineOptions options_of(uint32_t gogc) {
  EngineOptions options = quiet_options(1);
  options.gogc = gogc;
  return options;
}

uint64_t expected_goal(uint64_t marked, uint32_t gogc) {
  return std::max(marked + marked * gogc / 100, 4 * kMiB * gogc / 100);
}

TEST(Pacing, TriggerOfASmallHeapIsTheMinimumInEveryCycle) {
  for (const uint32_t gogc : {25u, 50u, 100u, 400u}) {
    WhiteBox box(options_of(gogc));
    Mutator mutator(box.m(), box.runtime());
    Local<std::byte> kept(mutator);
    EXPECT_EQ(box.runtime().pacing().trigger(), 4 * kMiB * gogc / 100);
    for (int cycle = 1; cycle <= 4; ++cycle) {
      kept = make_bytes(mutator, 1024);
      mutator.collect();
      EXPECT_EQ(box.runtime().pacing().trigger(), 4 * kMiB * gogc / 100)
          << "gogc " << gogc << ", cycle " << cycle;
    }
  }
}

TEST(Pacing, GoalCountsWhatWasMarkedAndNoGarbage) {
  for (const uint32_t gogc : {50u, 100u, 200u}) {
    WhiteBox box(options_of(gogc));
    Mutator mutator(box.m(), box.runtime());
    Collector& collector = box.runtime().collector();
    Local<Ref<std::byte>> kept(mutator, make_refs<std::byte>(mutator, 8));
    uint64_t live = 64;
    for (size_t i = 0; i < 8; ++i) {
      kept[i].set(mutator, make_bytes(mutator, kMiB));
      live += kMiB;
      for (int garbage = 0; garbage < 3; ++garbage) make_bytes(mutator, kMiB / 2);
      mutator.collect();
      const CycleRecord& record = collector.records().back();
      ASSERT_GT(record.heap_before, live) << "there was garbage";
      ASSERT_EQ(record.heap_marked, live);
      EXPECT_EQ(record.goal, expected_goal(live, gogc)) << "gogc " << gogc << ", cycle " << record.cycle;
      EXPECT_EQ(record.trigger, record.goal);
      EXPECT_EQ(box.runtime().pacing().trigger(), record.trigger);
    }
  }
}

// What the scavenger keeps pages for: a steady heap's goals differ, and a page given back after a low one would have to
// be cleared again after the next.
TEST(Pacing, HighestGoalIsThatOfTheLastFourCycles) {
  WhiteBox box(options_of(100));
  Mutator mutator(box.m(), box.runtime());
  const Pacing& pacing = box.runtime().pacing();
  EXPECT_EQ(pacing.highest_goal(), 4 * kMiB);
  Local<std::byte> kept(mutator, make_bytes(mutator, 8 * kMiB));
  mutator.collect();
  const uint64_t high = pacing.goal();
  EXPECT_GE(high, 16 * kMiB);
  kept = nullptr;
  for (int later = 1; later < 4; ++later) {
    mutator.collect();
    EXPECT_EQ(pacing.goal(), 4 * kMiB);
    EXPECT_EQ(pacing.highest_goal(), high) << later << " cycles later";
  }
  mutator.collect();
  EXPECT_EQ(pacing.highest_goal(), 4 * kMiB);
}

TEST(Pacing, HighestGoalIsOfTodaysGogc) {
  WhiteBox box(options_of(400));
  Mutator mutator(box.m(), box.runtime());
  const Pacing& pacing = box.runtime().pacing();
  for (int i = 0; i < 2; ++i) mutator.collect();  // goals of two cycles are remembered
  EXPECT_EQ(pacing.highest_goal(), 16 * kMiB);
  box.engine->set_gogc(50);
  EXPECT_EQ(pacing.highest_goal(), 2 * kMiB);
  box.engine->set_gogc(kGcOff);
  EXPECT_EQ(pacing.highest_goal(), ~uint64_t{0});
  box.engine->set_gogc(100);
  EXPECT_EQ(pacing.highest_goal(), 4 * kMiB);
}

}  // namespace
}  // namespace sweepscope::engine
