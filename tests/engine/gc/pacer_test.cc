// The pacer's arithmetic, as tables, and its invariants for random inputs: trigger, goal and controller.
#include "engine/gc/pacer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/support/seed.h"

namespace sweepscope::engine::pacer {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint32_t kHuge = kGcOff - 1;

TEST(Pacer, HeapMinimumIsFourMebibytesTimesGogc) {
  EXPECT_EQ(heap_minimum(100), 4 * kMiB);
  EXPECT_EQ(heap_minimum(25), kMiB);
  EXPECT_EQ(heap_minimum(400), 16 * kMiB);
  EXPECT_EQ(heap_minimum(0), 0u);
  EXPECT_EQ(heap_minimum(kHuge), 4 * kMiB * kHuge / 100);
  EXPECT_EQ(heap_minimum(kGcOff), kNever);
}

TEST(Pacer, RatioStaysBetweenSevenTenthsAndNineteenTwentiethsOfGogc) {
  EXPECT_DOUBLE_EQ(clamp_ratio(0.8, 100), 0.8);
  EXPECT_DOUBLE_EQ(clamp_ratio(0.5, 100), 0.7);
  EXPECT_DOUBLE_EQ(clamp_ratio(2, 100), 0.95);
  EXPECT_DOUBLE_EQ(clamp_ratio(2, 200), 1.9);
  EXPECT_DOUBLE_EQ(clamp_ratio(-0.1, 200), 1.4);
  EXPECT_DOUBLE_EQ(clamp_ratio(kFirstRatio, 50), 0.475);
  EXPECT_DOUBLE_EQ(clamp_ratio(1, 0), 0);
  EXPECT_DOUBLE_EQ(clamp_ratio(7, kGcOff), 7);
  EXPECT_DOUBLE_EQ(clamp_ratio(-7, kGcOff), 0);
}

struct PaceRow {
  const char* what;
  Heap heap;
  uint32_t gogc;
  double ratio;
  uint64_t trigger, goal, stopped;  // bytes; `stopped`: trigger and goal of stopped marking
};

TEST(Pacer, TriggerAndGoalOfEachHeap) {
  const Sweep swept = Sweep::kComplete, sweeping = Sweep::kUnderWay;
  for (const PaceRow& row : {
           PaceRow{"first cycle", {0, 0, swept}, 100, kFirstRatio, 4 * kMiB, 4 * kMiB, 4 * kMiB},
           PaceRow{"start ratio",
                   {80 * kMiB, 80 * kMiB, swept},
                   100,
                   kFirstRatio,
                   150 * kMiB,
                   160 * kMiB,
                   160 * kMiB},
           PaceRow{"ratio above its end", {100 * kMiB, 0, swept}, 100, 5, 195 * kMiB, 200 * kMiB, 200 * kMiB},
           PaceRow{
               "ratio below its end", {100 * kMiB, 0, swept}, 100, -5, 170 * kMiB, 200 * kMiB, 200 * kMiB},
           PaceRow{"GOGC 50", {100 * kMiB, 0, swept}, 50, 0.4, 140 * kMiB, 150 * kMiB, 150 * kMiB},
           PaceRow{"goal that is no multiple of 100",
                   {10'000'099, 0, swept},
                   50,
                   0.4,
                   14'000'138,
                   15'000'148,
                   15'000'148},
           PaceRow{"minimum between trigger and goal",
                   {9 * kMiB / 4, 0, swept},
                   100,
                   0.75,
                   4 * kMiB,
                   9 * kMiB / 2,
                   9 * kMiB / 2},
           PaceRow{"minimum above the goal", {kMiB, 0, swept}, 100, 0.25, 4 * kMiB, 4 * kMiB, 4 * kMiB},
           PaceRow{"sweep after marking",
                   {80 * kMiB, 140 * kMiB, sweeping},
                   100,
                   0.7,
                   141 * kMiB,
                   160 * kMiB,
                   160 * kMiB},
           PaceRow{"sweep complete",
                   {80 * kMiB, 140 * kMiB, swept},
                   100,
                   0.7,
                   136 * kMiB,
                   160 * kMiB,
                   160 * kMiB},
           PaceRow{"sweep with GOGC 400",
                   {80 * kMiB, 320 * kMiB, sweeping},
                   400,
                   2.8,
                   324 * kMiB,
                   400 * kMiB,
                   400 * kMiB},
           PaceRow{"GOGC lowered while sweeping",
                   {20 * kMiB, 90 * kMiB, sweeping},
                   100,
                   0.5,
                   91 * kMiB,
                   91 * kMiB,
                   91 * kMiB},
           PaceRow{"GOGC lowered after the sweep",
                   {20 * kMiB, 90 * kMiB, swept},
                   100,
                   0.75,
                   35 * kMiB,
                   40 * kMiB,
                   40 * kMiB},
           PaceRow{"GOGC 0", {9 * kMiB, 9 * kMiB, sweeping}, 0, 0.5, 9 * kMiB, 9 * kMiB, 9 * kMiB},
           PaceRow{"GOGC 0 and nothing marked", {0, 0, swept}, 0, 0.5, 0, 0, 0},
           PaceRow{"GOGC off", {9 * kMiB, 9 * kMiB, sweeping}, kGcOff, 0.5, kNever, kNever, kNever},
           PaceRow{"largest GOGC",
                   {uint64_t{1} << 30, 0, swept},
                   kHuge,
                   0,
                   32281803187701152,
                   46116861236540866,
                   46116861236540866},
           PaceRow{
               "overflow", {uint64_t{1} << 50, 0, swept}, kHuge, 1e300, kMostBytes, kMostBytes, kMostBytes},
           PaceRow{"heap of all bytes",
                   {kMostBytes, kMostBytes, sweeping},
                   1,
                   0,
                   kMostBytes,
                   kMostBytes,
                   kMostBytes},
       }) {
    SCOPED_TRACE(row.what);
    const Pace concurrent = pace(Marking::kConcurrent, row.heap, row.gogc, row.ratio);
    EXPECT_EQ(concurrent.trigger, row.trigger);
    EXPECT_EQ(concurrent.goal, row.goal);
    EXPECT_DOUBLE_EQ(concurrent.ratio, clamp_ratio(row.ratio, row.gogc));
    const Pace stopped = pace(Marking::kStopped, row.heap, row.gogc, row.ratio);
    EXPECT_EQ(stopped.trigger, row.stopped);
    EXPECT_EQ(stopped.goal, row.stopped);
    EXPECT_DOUBLE_EQ(stopped.ratio, concurrent.ratio);
  }
}

TEST(Pacer, PaceKeepsItsInvariantsForAnyHeap) {
  const uint64_t seed = sweepscope::testing::seed_or(51);
  SWEEPSCOPE_TRACE_SEED(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20000; ++round) {
    const Heap heap{random() >> (1 + random() % 63), random() >> (1 + random() % 63),
                    random() % 2 ? Sweep::kUnderWay : Sweep::kComplete};
    const uint32_t gogc = static_cast<uint32_t>(random() >> (33 + random() % 31));
    const double ratio =
        std::ldexp(static_cast<double>(static_cast<int64_t>(random())), -62) * (gogc / 50.0 + 1);
    SCOPED_TRACE(::testing::Message() << "marked " << heap.marked << ", live " << heap.live << ", GOGC "
                                      << gogc << ", ratio " << ratio);
    const Pace concurrent = pace(Marking::kConcurrent, heap, gogc, ratio);
    ASSERT_GE(concurrent.ratio, 0);
    ASSERT_LE(concurrent.ratio, 0.95 * gogc / 100);
    ASSERT_GE(concurrent.trigger, heap_minimum(gogc));
    ASSERT_LE(concurrent.trigger, concurrent.goal);
    ASSERT_LE(concurrent.goal, kMostBytes);
    if (heap.sweep == Sweep::kUnderWay) {
      ASSERT_GE(concurrent.trigger, std::min(heap.live + kMiB * gogc / 100, kMostBytes));
    }
    const Pace stopped = pace(Marking::kStopped, heap, gogc, ratio);
    ASSERT_EQ(stopped.trigger, stopped.goal);
    ASSERT_LE(stopped.goal, concurrent.goal);
    ASSERT_GE(controller_basis(heap.marked, concurrent), heap.marked);
    ASSERT_GE(goal_at_start(concurrent.goal, heap.live), std::min(heap.live + kMiB, kMostBytes));
  }
}

TEST(Pacer, CycleStartsWithAMebibyteToItsGoal) {
  EXPECT_EQ(goal_at_start(20 * kMiB, 15 * kMiB), 20 * kMiB);
  EXPECT_EQ(goal_at_start(20 * kMiB, 20 * kMiB - 1), 21 * kMiB - 1);
  EXPECT_EQ(goal_at_start(20 * kMiB, 90 * kMiB), 91 * kMiB);
  EXPECT_EQ(goal_at_start(kNever, 90 * kMiB), kNever);
  EXPECT_EQ(goal_at_start(kMostBytes, kMostBytes), kMostBytes);
}

TEST(Pacer, FreePagesOfTheWayToTheGoalAndATenthOfItAreKept) {
  EXPECT_EQ(retained_free(100 * kMiB, 0), 110 * kMiB);
  EXPECT_EQ(retained_free(100 * kMiB, 50 * kMiB), 60 * kMiB);
  EXPECT_EQ(retained_free(100 * kMiB, 105 * kMiB), 5 * kMiB);
  EXPECT_EQ(retained_free(100 * kMiB, 200 * kMiB), 0u);
  EXPECT_EQ(retained_free(kNever, 50 * kMiB), kNever);
}

TEST(Pacer, UtilisationIsTheBackgroundsAndTheAssists) {
  EXPECT_DOUBLE_EQ(utilisation(0, 1000, 4), 0.25);
  EXPECT_DOUBLE_EQ(utilisation(200, 1000, 4), 0.30);
  EXPECT_DOUBLE_EQ(utilisation(3000, 1000, 4), 1.0);
  EXPECT_DOUBLE_EQ(utilisation(500, 0, 4), 0.25) << "marking took no time";
  EXPECT_DOUBLE_EQ(utilisation(uint64_t{1} << 60, uint64_t{1} << 60, 4096), 0.25 + 1 / 4096.0);
}

TEST(Pacer, BasisIsTheHeapWhoseGrowthByTheRatioIsTheTrigger) {
  EXPECT_EQ(controller_basis(80 * kMiB, {0.875, 150 * kMiB, 160 * kMiB}), 80 * kMiB);
  EXPECT_EQ(controller_basis(10'000'000, {0.1, 10'999'999, 20'000'000}), 10'000'000u)
      << "trigger rounded down";
  EXPECT_EQ(controller_basis(1000, {1.0, 4 * kMiB, 4 * kMiB}), 2 * kMiB);
  EXPECT_EQ(controller_basis(0, {1.0, 4 * kMiB, 4 * kMiB}), 2 * kMiB);
  EXPECT_EQ(controller_basis(7, {1.0, kNever, kNever}), 7u);
}

struct RatioRow {
  const char* what;
  CycleEnd end;
  double next;
};

TEST(Pacer, RatioMovesByHalfOfTheError) {
  const auto ended = [](uint64_t live, uint64_t assist_ns) {
    return CycleEnd{Start::kTriggered,
                    Marking::kConcurrent,
                    {0.8, 180 * kMiB, 200 * kMiB},
                    100 * kMiB,
                    live,
                    assist_ns,
                    1000,
                    4};
  };
  const auto with = [&](auto change) {
    CycleEnd end = ended(240 * kMiB, 1000);
    change(end);
    return end;
  };
  for (const RatioRow& row : {
           RatioRow{"ended at the goal with 30 %", ended(200 * kMiB, 200), 0.8},
           RatioRow{"ended at the goal without assists", ended(200 * kMiB, 0),
                    0.8 + 0.5 * (0.2 - 0.25 / 0.3 * 0.2)},
           RatioRow{"ended at the goal with all CPU", ended(200 * kMiB, 3000), 0.8 + 0.5 * (0.2 - 0.2 / 0.3)},
           RatioRow{"overshot", ended(220 * kMiB, 200), 0.8 + 0.5 * (0.2 - 0.4)},
           RatioRow{"ended early", ended(190 * kMiB, 200), 0.8 + 0.5 * (0.2 - 0.1)},
           RatioRow{"ended at the trigger", ended(180 * kMiB, 0), 0.9},
           RatioRow{"no time passed", with([](CycleEnd& e) { e.mark_ns = 0; }),
                    0.8 + 0.5 * (0.2 - 0.25 / 0.3 * 0.6)},
           RatioRow{"goal raised at the start", with([](CycleEnd& e) { e.pace.goal = 240 * kMiB; }),
                    0.8 + 0.5 * (0.6 - 0.5 / 0.3 * 0.6)},
           RatioRow{"GOGC lowered, goal below the basis", with([](CycleEnd& e) { e.pace.goal = kMiB; }),
                    0.8 + 0.5 * (-0.8 - 0.5 / 0.3 * 0.6)},
           RatioRow{"forced", with([](CycleEnd& e) { e.start = Start::kForced; }), 0.8},
           RatioRow{"periodic", with([](CycleEnd& e) { e.start = Start::kPeriodic; }), 0.8},
           RatioRow{"stopped marking", with([](CycleEnd& e) { e.marking = Marking::kStopped; }), 0.8},
           RatioRow{"GOGC off", with([](CycleEnd& e) { e.pace.trigger = e.pace.goal = kNever; }), 0.8},
           RatioRow{"small heap: 1 MiB marked, minimum 180 MiB", with([](CycleEnd& e) { e.marked = kMiB; }),
                    0.8 + 0.5 * (0.2 - 0.5 / 0.3 * 0.6)},
           RatioRow{"nothing marked, GOGC 0", with([](CycleEnd& e) {
                      e.marked = 0, e.pace = {0, 0, kMiB};
                    }),
                    0},
       })
    EXPECT_NEAR(next_ratio(row.end), row.next, 1e-7) << row.what;
}

}  // namespace
}  // namespace sweepscope::engine::pacer
