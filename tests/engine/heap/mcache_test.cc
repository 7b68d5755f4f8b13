// The mcache: refill, release, and the flush between the turn and the first allocation.
#include "engine/heap/mcache.h"

#include <gtest/gtest.h>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using observe::EventKind;
using observe::FlushCause;
using observe::ListMembership;

struct MCacheTest : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  NonPreemptible region{m};

  std::optional<SweepState> state(const MSpan& span) { return decode(span.sweepgen.peek(), box.h()); }
  void expect_empty() {
    for (const MSpan* span : box.cache().alloc) EXPECT_EQ(span, &heap.empty_span);
    EXPECT_EQ(box.cache().cached, 0u);
  }
};

TEST_F(MCacheTest, BeginsEmptyAndFlushed) {
  expect_empty();
  EXPECT_EQ(box.cache().flush_gen.peek(), box.h());
  EXPECT_TRUE(heap.empty_span.full());
}

TEST_F(MCacheTest, RefillInstallsACachedSpan) {
  MSpan& span = box.cached(1);
  EXPECT_EQ(box.cache().alloc[WhiteBox::kClass.raw()], &span);
  EXPECT_EQ(box.cache().cached, 1u);
  EXPECT_EQ(state(span), SweepState::kCached);
  EXPECT_EQ(span.list, ListMembership::kEmpty);
}

TEST_F(MCacheTest, RefillReplacesAFullSpanAndLeavesItOnTheEmptyList) {
  MSpan& full = box.cached(8);
  ASSERT_EQ(full.next_free(), full.nelems);
  MSpan& next = box.cached(1);
  EXPECT_NE(&full, &next);
  EXPECT_EQ(state(full), SweepState::kSwept);
  EXPECT_EQ(full.alloc_count, full.nelems);
  EXPECT_EQ(full.list, ListMembership::kEmpty);
  EXPECT_EQ(box.cache().cached, 1u);
}

TEST_F(MCacheTest, RefillWorksForEverySpanClass) {
  for (uint8_t raw = 2; raw < kNumSpanClasses; ++raw) {
    MSpan& span = box.cached(1, SpanClass::from_raw(raw));
    EXPECT_EQ(span.span_class, SpanClass::from_raw(raw));
  }
  EXPECT_EQ(box.cache().cached, kNumSpanClasses - 2);
  EXPECT_EQ(heap.in_use_bytes(), 334 * kPageSize);  // one span of each class
  box.release();
  expect_empty();
}

TEST_F(MCacheTest, ReleaseAllReturnsFreshSpansAndLeavesFlushGen) {
  MSpan& a = box.cached(3);
  MSpan& b = box.cached(1, SpanClass(20, false));
  const uint32_t before = box.cache().flush_gen.peek();
  const FlushResult result = release_all(m, heap, box.cache());
  EXPECT_EQ(result.spans, 2u);
  EXPECT_EQ(result.swept, 0u);
  expect_empty();
  EXPECT_EQ(state(a), SweepState::kSwept);
  EXPECT_EQ(state(b), SweepState::kSwept);
  EXPECT_EQ(box.cache().flush_gen.peek(), before);
}

TEST_F(MCacheTest, PrepareForSweepDoesNothingInTheSamePhase) {
  MSpan& span = box.cached(3);
  box.take_records();
  prepare_for_sweep(m, heap, box.cache(), FlushCause::kAcquireP);
  EXPECT_EQ(box.cache().alloc[WhiteBox::kClass.raw()], &span);
  EXPECT_TRUE(box.take_records().empty());
  EXPECT_EQ(m.flushes[static_cast<size_t>(FlushCause::kAcquireP)], 0u);
}

TEST_F(MCacheTest, FlushSweepsStaleSpansBeforeReturning) {
  MSpan& a = box.cached(3);
  MSpan& b = box.cached(2, SpanClass(20, true));
  box.turn();
  WhiteBox::mark(a, 2);
  WhiteBox::mark(b, 0);
  box.take_records();
  prepare_for_sweep(m, heap, box.cache(), FlushCause::kForEachP);
  expect_empty();
  EXPECT_EQ(box.cache().flush_gen.peek(), box.h());
  EXPECT_EQ(state(a), SweepState::kSwept);
  EXPECT_EQ(state(b), SweepState::kSwept);
  EXPECT_EQ(a.alloc_count, 1u);
  EXPECT_EQ(b.alloc_count, 1u);
  EXPECT_EQ(m.flushes[static_cast<size_t>(FlushCause::kForEachP)], 1u);
  EXPECT_EQ(m.flushed_spans[static_cast<size_t>(FlushCause::kForEachP)], 2u);
}

TEST_F(MCacheTest, FlushIsReportedAfterTheTransitionsItCaused) {
  MSpan& span = box.cached(3);
  box.turn();
  WhiteBox::mark(span, 0);
  box.take_records();
  prepare_for_sweep(m, heap, box.cache(), FlushCause::kAcquireP);
  const std::vector<observe::Record> events = box.take_records();
  ASSERT_EQ(events.size(), 3u);  // T7, T8b, flush
  EXPECT_EQ(events[0].header.kind, EventKind::kTransition);
  EXPECT_EQ(events[1].header.kind, EventKind::kTransition);
  ASSERT_EQ(events[2].header.kind, EventKind::kFlush);
  const auto flushed = observe::restore<observe::Flush>(events[2]);
  EXPECT_EQ(flushed.header.code, static_cast<uint8_t>(FlushCause::kAcquireP));
  EXPECT_EQ(flushed.header.p, 0);
  EXPECT_EQ(flushed.header.subject, 0u) << "no object was allocated from the stale cache";
  EXPECT_EQ(flushed.spans, 1u);
  EXPECT_EQ(flushed.swept, 1u);
  EXPECT_EQ(flushed.freed_objects, 2u);
  EXPECT_EQ(flushed.flush_gen, box.h());
}

TEST_F(MCacheTest, FlushOfAnEmptyCacheOnlySetsItsFlushGen) {
  box.turn();
  ASSERT_EQ(box.cache().flush_gen.peek(), box.h() - 2);
  prepare_for_sweep(m, heap, box.cache(), FlushCause::kAcquireP);
  EXPECT_EQ(box.cache().flush_gen.peek(), box.h());
}

TEST_F(MCacheTest, FlushOnBehalfOfAnotherPChargesThatP) {
  EngineOptions options = quiet_options(2);
  WhiteBox two(options);
  MCache& idle = two.sched().p(1).mcache;
  const NonPreemptible other(two.m());
  MCache* own = std::exchange(two.m().mcache, &idle);  // fill the idle P's cache
  two.cached(4);
  two.m().mcache = own;
  two.turn();
  two.take_records();
  prepare_for_sweep(two.m(), two.heap(), idle, FlushCause::kForEachP);
  EXPECT_EQ(two.m().mcache, own);
  EXPECT_EQ(idle.frees.small[WhiteBox::kClass.size_class()], 4u);
  EXPECT_EQ(own->frees.small[WhiteBox::kClass.size_class()], 0u);
  for (const observe::Record& record : two.take_records())
    EXPECT_EQ(record.header.p, 1) << int(record.header.kind);
}

TEST_F(MCacheTest, AllocationAfterAFlushRefills) {
  Mutator mutator(m, box.runtime());
  m.non_preemptible = 0;
  void* before = allocate(mutator, 1024, 0);
  box.turn();
  MSpan* const span = heap.find(reinterpret_cast<uintptr_t>(before));
  ASSERT_NE(span, nullptr);
  WhiteBox::mark(*span, 0);
  prepare_for_sweep(m, heap, box.cache(), FlushCause::kAcquireP);
  void* after = allocate(mutator, 1024, 0);
  EXPECT_NE(before, after);
  EXPECT_EQ(state(*heap.find(reinterpret_cast<uintptr_t>(after))), SweepState::kCached);
  m.non_preemptible = 1;
}

}  // namespace
}  // namespace sweepscope::engine
