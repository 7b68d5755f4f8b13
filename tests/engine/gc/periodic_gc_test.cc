// Periodic collection: with a clock of the test's own, and once with the thread and a short period.
#include "engine/gc/periodic_gc.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "engine/base/clock.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

constexpr uint64_t kPeriod = 120'000'000'000;

EngineOptions periodic_options() {
  EngineOptions options = quiet_options();
  options.gogc = 100;
  return options;
}

// The engine has no thread that looks at a clock: the test is that thread.
struct PeriodicGcTest : ::testing::Test {
  static EngineOptions options() {
    EngineOptions options = periodic_options();
    options.periodic_gc_ns = kLongerThanTheTest;
    return options;
  }
  static constexpr uint64_t kLongerThanTheTest = kPeriod * 1000;

  uint64_t created_before = now_ns();
  WhiteBox box{options()};
  uint64_t created_after = now_ns();
  Collector& collector = box.runtime().collector();

  void collect_at(uint64_t now) { collector.collect_if_overdue(box.m(), now); }
};

TEST_F(PeriodicGcTest, CycleStartsWhenNoneHasBegunForAPeriod) {
  collect_at(created_before + kLongerThanTheTest - 1);
  EXPECT_EQ(collector.cycles(), 0u);
  collect_at(created_after + kLongerThanTheTest);
  ASSERT_EQ(collector.cycles(), 1u);
  EXPECT_TRUE(collector.records().back().periodic);
  EXPECT_FALSE(collector.records().back().forced);
}

TEST_F(PeriodicGcTest, PeriodCountsFromTheStartOfTheLastCycle) {
  collector.collect_now(box.m());
  const uint64_t start = collector.records().back().start_ns;
  EXPECT_EQ(collector.due_in(start), kLongerThanTheTest);
  EXPECT_EQ(collector.due_in(start + kLongerThanTheTest - 1), 1u);
  EXPECT_EQ(collector.due_in(start + kLongerThanTheTest), 0u);
  EXPECT_EQ(collector.due_in(start + 2 * kLongerThanTheTest), 0u);
  collect_at(start + kLongerThanTheTest - 1);
  EXPECT_EQ(collector.cycles(), 1u);
  EXPECT_FALSE(collector.records().back().periodic);
  collect_at(start + kLongerThanTheTest);
  EXPECT_EQ(collector.cycles(), 2u);
}

TEST_F(PeriodicGcTest, GogcOffTurnsItOff) {
  const uint64_t long_ago = created_after + 10 * kLongerThanTheTest;
  box.runtime().pacing().set_gogc(kGcOff);
  EXPECT_EQ(collector.due_in(long_ago), ~uint64_t{0});
  collect_at(long_ago);
  EXPECT_EQ(collector.cycles(), 0u);
  box.runtime().pacing().set_gogc(100);
  collect_at(long_ago);
  EXPECT_EQ(collector.cycles(), 1u);
}

TEST(PeriodicGc, PeriodOfZeroIsNone) {
  WhiteBox box(periodic_options());
  EXPECT_EQ(box.runtime().collector().due_in(~uint64_t{0} - 1), ~uint64_t{0});
  EXPECT_EQ(EngineOptions().periodic_gc_ns, kPeriod) << "Go's two minutes";
}

TEST(PeriodicGc, PeriodOfCenturiesIsNotOverdue) {
  EngineOptions options = periodic_options();
  options.periodic_gc_ns = ~uint64_t{0};
  WhiteBox box(options);
  EXPECT_GT(box.runtime().collector().due_in(now_ns()), kPeriod);
}

TEST(PeriodicGc, ThreadCollectsAnIdleProgramAgainAndAgain) {
  for (const bool concurrent : {false, true}) {
    std::mutex mutex;
    std::condition_variable changed;
    uint32_t periodic = 0;
    EngineOptions options = periodic_options();
    options.concurrent_mark = concurrent;
    options.periodic_gc_ns = 1'000'000;
    options.on_cycle = [&](const CycleRecord& cycle) {
      const std::lock_guard guard(mutex);
      periodic += cycle.periodic ? 1 : 0;
      changed.notify_all();
    };
    Engine::Created made = Engine::create(options);
    ASSERT_NE(made.engine, nullptr) << made.error;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return periodic >= 3; });
    }
    expect_sound(*made.engine);
    made.engine.reset();
  }
}

}  // namespace
}  // namespace sweepscope::engine
