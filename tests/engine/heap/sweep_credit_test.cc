// Proportional sweep: an allocator sweeps in proportion to the bytes it takes; each cycle has one slope.
#include "engine/heap/sweep_credit.h"

#include <gtest/gtest.h>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using observe::Cause;

constexpr uint64_t kMiB = 1 << 20;

struct SweepCreditTest : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  NonPreemptible region{m};
  static constexpr uint32_t kSpans = 50;

  void SetUp() override {
    for (uint32_t i = 0; i < kSpans; ++i) box.cached(1, SpanClass(static_cast<uint8_t>(i + 1), true));
    box.release();
    heap.heap_live.init(4 * kMiB);
    box.turn();
  }
  uint64_t in_use() { return heap.in_use_bytes() >> kPageShift; }
  uint64_t swept(Cause cause = Cause::kProportional) { return m.swept_spans[static_cast<size_t>(cause)]; }
  void deduct(uint64_t bytes, uint64_t caller_pages = 0, Cause cause = Cause::kProportional) {
    deduct_sweep_credit(m, heap, bytes, caller_pages, cause);
  }
};

TEST_F(SweepCreditTest, NothingIsOwedWithoutATrigger) {
  heap.credit.rebase(heap, SweepCredit::kNoTrigger);
  deduct(uint64_t{1} << 40);
  EXPECT_EQ(swept(), 0u);
}

// GOGC changes in a running world: the new slope takes the present heap_live as its basis.
TEST_F(SweepCreditTest, GogcChangeRecomputesTheSlope) {
  ASSERT_EQ(heap.credit.pages_per_byte.peek(), 0.0) << "GOGC was off";
  heap.heap_live.init(2 * kMiB);
  box.runtime().pacing().set_gogc(100);
  EXPECT_EQ(box.runtime().pacing().trigger(), 4 * kMiB);
  EXPECT_DOUBLE_EQ(heap.credit.pages_per_byte.peek(), static_cast<double>(in_use()) / (1.0 * kMiB));
  EXPECT_EQ(heap.credit.heap_live_basis.peek(), 2 * kMiB);
  box.runtime().pacing().set_gogc(kGcOff);
  EXPECT_EQ(heap.credit.pages_per_byte.peek(), 0.0);
}

// D6: the basis includes the free slots of cached spans; a flush later subtracts the unused ones.
TEST_F(SweepCreditTest, HeapThatFallsBelowTheBasisOfAGogcChangeOwesNothing) {
  box.runtime().pacing().set_gogc(100);
  heap.heap_live.init(3 * kMiB);
  deduct(0);
  EXPECT_EQ(swept(), 0u);
}

TEST_F(SweepCreditTest, SlopeReachesAllPagesAMebibyteBeforeTheTrigger) {
  const uint64_t pages = in_use();
  heap.credit.rebase(heap, 9 * kMiB);
  EXPECT_DOUBLE_EQ(heap.credit.pages_per_byte.peek(), static_cast<double>(pages) / (4.0 * kMiB));
  EXPECT_EQ(heap.credit.heap_live_basis.peek(), 4 * kMiB);
}

TEST_F(SweepCreditTest, SlopeAtTheTriggerSweepsAllPagesWithinOnePage) {
  heap.credit.rebase(heap, 4 * kMiB);
  EXPECT_DOUBLE_EQ(heap.credit.pages_per_byte.peek(), static_cast<double>(in_use()) / kPageSize);
}

TEST_F(SweepCreditTest, HalfTheDistanceSweepsHalfThePages) {
  const uint64_t pages = in_use();
  heap.credit.rebase(heap, 9 * kMiB);
  heap.heap_live.init(6 * kMiB);
  deduct(0);
  const uint64_t done = heap.pages_swept.peek();
  EXPECT_GE(done, pages / 2);
  EXPECT_LT(done, pages / 2 + 20);  // the last span may have many pages
  deduct(0);
  EXPECT_EQ(heap.pages_swept.peek(), done) << "swept for the same bytes twice";
}

TEST_F(SweepCreditTest, CallerOwesForItsBytesLessThePagesItSweepsItself) {
  const uint64_t pages = in_use();
  heap.credit.rebase(heap, 9 * kMiB);
  deduct(4 * kMiB, pages, Cause::kLargeAlloc);
  EXPECT_EQ(heap.pages_swept.peek(), 0u);
  deduct(4 * kMiB, pages - 1, Cause::kLargeAlloc);
  EXPECT_EQ(swept(Cause::kLargeAlloc), 1u);
}

TEST_F(SweepCreditTest, SlopeIsZeroOnceAllIsSwept) {
  heap.credit.rebase(heap, 9 * kMiB);
  deduct(100 * kMiB);
  EXPECT_EQ(swept(), kSpans);
  EXPECT_EQ(heap.credit.pages_per_byte.peek(), 0);
  EXPECT_EQ(heap.spans_in_use(), 0u);
}

// D6, Go #57523: the flush of fresh mcaches subtracts unused slots from heap_live.
TEST_F(SweepCreditTest, HeapLiveBelowItsBasisOwesNothingUnlessThePolicyKeepsD6) {
  heap.credit.rebase(heap, 9 * kMiB);
  heap.heap_live.init(4 * kMiB - 1);
  deduct(0);
  EXPECT_EQ(swept(), 0u);
  heap.repairs.debt_is_signed = false;
  deduct(0);
  EXPECT_EQ(swept(), kSpans) << "without the repair, a negative distance sweeps the whole heap";
}

TEST_F(SweepCreditTest, CacheSpanSweepsWhatItOwesBeforeItTakesASpan) {
  heap.credit.rebase(heap, 5 * kMiB);  // a distance of one page to the trigger
  box.cached(1, SpanClass(66, true));
  EXPECT_EQ(swept(), kSpans);
}

TEST_F(SweepCreditTest, ReportsThePagesOwed) {
  heap.credit.rebase(heap, 9 * kMiB);
  const uint64_t pages = in_use();
  box.take_records();
  deduct(2 * kMiB);
  const auto records = box.take_events<observe::SweepCredit>(observe::EventKind::kSweepCredit);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].bytes, 2 * kMiB);
  EXPECT_EQ(records[0].pages_owed, pages / 2);
  EXPECT_EQ(records[0].header.subject, heap.pages_swept.peek());
}

}  // namespace
}  // namespace sweepscope::engine
