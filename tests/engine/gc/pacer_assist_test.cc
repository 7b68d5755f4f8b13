// What an allocation owes during concurrent marking, and how work pays for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/gc/pacer.h"
#include "tests/support/seed.h"

namespace sweepscope::engine::pacer {
namespace {

constexpr uint64_t kMiB = 1 << 20;

struct ReviseRow {
  const char* what;
  MarkProgress progress;
  uint32_t gogc;
  double work, bytes;  // that are left
};

TEST(PacerAssist, RatioIsWorkLeftOverBytesLeft) {
  for (const ReviseRow& row : {
           ReviseRow{"half of the heap is reachable",
                     {100 * kMiB, 0, 150 * kMiB, 200 * kMiB},
                     100,
                     50 * kMiB,
                     50 * kMiB},
           ReviseRow{
               "half is done", {100 * kMiB, 25 * kMiB, 190 * kMiB, 200 * kMiB}, 100, 25 * kMiB, 10 * kMiB},
           ReviseRow{"GOGC 300: a quarter",
                     {100 * kMiB, 5 * kMiB, 150 * kMiB, 200 * kMiB},
                     300,
                     20 * kMiB,
                     50 * kMiB},
           ReviseRow{"GOGC 0: all of it", {100 * kMiB, 0, 99 * kMiB, 100 * kMiB}, 0, 100 * kMiB, kMiB},
           ReviseRow{"all that is expected is done", {100'000, 50'000, 150'000, 200'000}, 100, 1000, 50'000},
           ReviseRow{
               "more than expected is reachable", {100'000, 50'001, 150'000, 200'000}, 100, 49'999, 70'000},
           ReviseRow{"at the goal", {100'000, 20'000, 200'000, 200'000}, 100, 30'000, 1},
           ReviseRow{"past the goal", {100'000, 20'000, 200'001, 200'000}, 100, 80'000, 19'999},
           ReviseRow{"at the hard goal", {100'000, 20'000, 220'000, 200'000}, 100, 80'000, 1},
           ReviseRow{"past the hard goal", {100'000, 20'000, 900'000, 200'000}, 100, 80'000, 1},
           ReviseRow{"work counted twice", {100'000, 130'000, 150'000, 200'000}, 100, 1000, 70'000},
           ReviseRow{"nothing to scan", {0, 0, 150'000, 200'000}, 100, 1000, 50'000},
           ReviseRow{"GOGC off", {1001 * kMiB, 0, 0, kNever}, kGcOff, kMiB, 0x1p63},
           ReviseRow{"GOGC off, scanning", {1001 * kMiB, 2 * kMiB, 0, kNever}, kGcOff, 999 * kMiB, 0x1p63},
           ReviseRow{"largest GOGC", {100 * kMiB, 0, 0, 200'000}, kGcOff - 1, 1000, 200'000},
           ReviseRow{"everything at its end", {kMostBytes, 0, kMostBytes, kMostBytes}, 0, 0x1p63, 1},
       }) {
    const AssistRatio ratio = revise(row.progress, row.gogc);
    EXPECT_DOUBLE_EQ(ratio.work_per_byte, row.work / row.bytes) << row.what;
    EXPECT_DOUBLE_EQ(ratio.bytes_per_work, row.bytes / row.work) << row.what;
  }
}

TEST(PacerAssist, RatioIsFiniteAndAboveZeroForAnyProgress) {
  const uint64_t seed = sweepscope::testing::seed_or(61);
  SWEEPSCOPE_TRACE_SEED(seed);
  std::mt19937_64 random(seed);
  const auto bytes = [&] { return random() >> (1 + random() % 63); };
  for (int round = 0; round < 20000; ++round) {
    const MarkProgress progress{bytes(), bytes(), bytes(), random() % 8 == 0 ? kNever : bytes()};
    const uint32_t gogc =
        random() % 8 == 0 ? kGcOff : static_cast<uint32_t>(random() >> (32 + random() % 32));
    SCOPED_TRACE(::testing::Message()
                 << progress.heap_scan << " to scan, " << progress.scan_done << " done, live "
                 << progress.live << ", goal " << progress.goal << ", GOGC " << gogc);
    const AssistRatio ratio = revise(progress, gogc);
    ASSERT_TRUE(std::isnormal(ratio.work_per_byte));
    ASSERT_GT(ratio.work_per_byte, 0);
    ASSERT_NEAR(ratio.work_per_byte * ratio.bytes_per_work, 1, 1e-12);
  }
}

TEST(PacerAssist, WorkAndBytesConvertIntoEachOther) {
  EXPECT_EQ(bytes_for_work(1000, {2, 0.5}), 501u);
  EXPECT_EQ(bytes_for_work(1, {1e9, 1e-9}), 1u) << "work always pays for something";
  EXPECT_EQ(bytes_for_work(kMostBytes, {1e-9, 1e9}), kMostBytes);
  EXPECT_EQ(work_for_bytes(1000, {2, 0.5}), 2000u);
  EXPECT_EQ(work_for_bytes(1, {0.5, 2}), 0u);
  EXPECT_EQ(work_for_bytes(kMostBytes, {1e9, 1e-9}), kMostBytes);
}

struct AssistRow {
  const char* what;
  uint64_t debt;  // bytes
  AssistRatio ratio;
  uint64_t work, bytes;
};

TEST(PacerAssist, DebtAsksForAtLeastAQuantumOfWork) {
  for (const AssistRow& row : {
           AssistRow{"small debt", 16, {1, 1}, kAssistQuantum, kAssistQuantum + 1},
           AssistRow{"small debt, dear bytes", 16, {4, 0.25}, kAssistQuantum, kAssistQuantum / 4 + 1},
           AssistRow{"small debt, cheap bytes", 16, {0.5, 2}, kAssistQuantum, 2 * kAssistQuantum + 1},
           AssistRow{"just a quantum", kAssistQuantum, {1, 1}, kAssistQuantum, kAssistQuantum + 1},
           AssistRow{
               "just above a quantum", kAssistQuantum + 1, {1, 1}, kAssistQuantum + 1, kAssistQuantum + 2},
           AssistRow{"large debt", 10 * kMiB, {4, 0.25}, 40 * kMiB, 10 * kMiB + 1},
           AssistRow{"work is rounded up", 300'001, {0.5, 2}, 150'001, 300'003},
           AssistRow{"largest ratio", kMiB, {0x1p63, 0x1p-63}, kMostBytes, kMiB},
       }) {
    const Assist assist = assist_for(row.debt, row.ratio);
    EXPECT_EQ(assist.work, row.work) << row.what;
    EXPECT_EQ(assist.bytes, row.bytes) << row.what;
  }
}

TEST(PacerAssist, BackgroundCreditPaysFirst) {
  const AssistRatio ratio{2, 0.5};
  const Assist assist{100'000, 50'005};
  struct Row {
    const char* what;
    int64_t credit;
    Steal steal;
  };
  for (const Row& row : {
           Row{"no credit", 0, {0, 0, 100'000}},
           Row{"two threads stole at once", -5000, {0, 0, 100'000}},
           Row{"some credit", 30'000, {30'000, 15'001, 70'000}},
           Row{"all but one unit", 99'999, {99'999, 50'000, 1}},
           Row{"just enough", 100'000, {100'000, 50'005, 0}},
           Row{"more than enough", int64_t{1} << 62, {100'000, 50'005, 0}},
       }) {
    const Steal steal = steal_credit(assist, row.credit, ratio);
    EXPECT_EQ(steal.stolen, row.steal.stolen) << row.what;
    EXPECT_EQ(steal.bytes, row.steal.bytes) << row.what;
    EXPECT_EQ(steal.work_left, row.steal.work_left) << row.what;
  }
}

TEST(PacerAssist, BackgroundWorkPaysParkedThreadsAndKeepsTheRest) {
  struct Row {
    const char* what;
    uint64_t work, debt;
    AssistRatio ratio;
    Payment left;
  };
  for (const Row& row : {
           Row{"pays all", 2000, 500, {2, 0.5}, {0, 1000}},
           Row{"pays exactly", 1000, 500, {2, 0.5}, {0, 0}},
           Row{"pays exactly, though 49 * (1 / 49) is below 1", 49, 1, {49, 1 / 49.0}, {0, 0}},
           Row{"rounds to the debt", (uint64_t{1} << 60) - 1, uint64_t{1} << 60, {1, 1}, {0, 0}},
           Row{"pays a part", 999, 500, {2, 0.5}, {1, 0}},
           Row{"no debt", 2000, 0, {2, 0.5}, {0, 2000}},
           Row{"no work", 0, 500, {2, 0.5}, {500, 0}},
           Row{"not worth a byte", 2000, 500, {1e9, 1e-9}, {500, 2000}},
           Row{"one unit is many bytes", 1, 500, {0.001, 1000}, {0, 0}},
           Row{"largest ratio", kMostBytes, kMostBytes, {0x1p63, 0x1p-63}, {kMostBytes - 1, 0}},
       }) {
    const Payment left = pay_parked(row.work, row.debt, row.ratio);
    EXPECT_EQ(left.debt, row.left.debt) << row.what;
    EXPECT_EQ(left.work, row.left.work) << row.what;
  }
}

TEST(PacerAssist, WorkThatIsAskedForSettlesTheDebtAndNothingCreatesWork) {
  const uint64_t seed = sweepscope::testing::seed_or(62);
  SWEEPSCOPE_TRACE_SEED(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20000; ++round) {
    const double per_byte = std::exp2(std::uniform_real_distribution<double>(-30, 30)(random));
    const AssistRatio ratio{per_byte, 1 / per_byte};
    const uint64_t debt = 1 + (random() >> (32 + random() % 32));
    const int64_t credit = static_cast<int64_t>(random()) >> (random() % 63);
    SCOPED_TRACE(::testing::Message() << per_byte << " a byte, debt " << debt << ", credit " << credit);
    const Assist assist = assist_for(debt, ratio);
    ASSERT_GE(assist.work, kAssistQuantum);
    ASSERT_GE(assist.bytes, debt);
    ASSERT_GE(bytes_for_work(assist.work, ratio), debt);
    const Steal steal = steal_credit(assist, credit, ratio);
    ASSERT_EQ(steal.stolen + steal.work_left, assist.work);
    ASSERT_LE(static_cast<int64_t>(steal.stolen), std::max(credit, int64_t{0}));
    ASSERT_GE(steal.bytes + (steal.work_left > 0 ? bytes_for_work(steal.work_left, ratio) : 0), debt);
    const uint64_t work = random() >> (20 + random() % 44);
    const Payment left = pay_parked(work, debt, ratio);
    ASSERT_LE(left.debt, debt);
    ASSERT_LE(left.work, work);
    ASSERT_TRUE(left.debt == 0 || left.work == 0 || left.debt == debt);
    ASSERT_LE(work_for_bytes(debt - left.debt, ratio), work - left.work + 1)
        << "paid with less than it costs";
  }
}

TEST(PacerAssist, CountsAreFlushedOnceTheyAreTheSlack) {
  EXPECT_EQ(to_flush(0, kCreditSlack), 0u);
  EXPECT_EQ(to_flush(1999, kCreditSlack), 0u);
  EXPECT_EQ(to_flush(2000, kCreditSlack), 2000u);
  EXPECT_EQ(to_flush(70'000, kCreditSlack), 70'000u);
  EXPECT_EQ(to_flush(4999, kAssistTimeSlack), 0u);
  EXPECT_EQ(to_flush(5000, kAssistTimeSlack), 5000u);
}

}  // namespace
}  // namespace sweepscope::engine::pacer
