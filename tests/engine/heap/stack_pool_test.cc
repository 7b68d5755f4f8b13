// Stack segments: the pool, the cache of each P, and the manual spans that hold the segments.
#include "engine/heap/stack_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using observe::EventKind;

struct StackPoolTest : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  StackCache& cache = box.cache().stacks;

  void verify() {
    box.sched().release_p(m, observe::PStatus::kIdle);
    box.sched().permits.give(m);
    expect_sound(*box.engine);
    box.sched().acquire_p(m);
  }
};

TEST_F(StackPoolTest, RefillTakesHalfACacheFromOneManualSpan) {
  StackSegment* segment = heap.stacks.take(m, 0);
  ASSERT_NE(segment, nullptr);
  EXPECT_EQ(cache.bytes[0], StackCache::kMost / 2 - segment_bytes(0));
  EXPECT_EQ(heap.manual_bytes(), kStackSpanBytes);
  const MSpan& span = heap.span(segment->span);
  EXPECT_EQ(span.state.peek(), SpanState::kManual);
  EXPECT_EQ(span.nelems, 16u);
  EXPECT_EQ(span.alloc_count, 8u);
  EXPECT_EQ(span.list, observe::ListMembership::kNone);
  EXPECT_EQ(heap.swept().size(), 0u);        // no sweep state, in no queue
  EXPECT_EQ(heap.spans_in_use(), 0u);        // and not in use
  EXPECT_EQ(heap.find(span.base), nullptr);  // not found: it holds no objects
  heap.stacks.give(m, segment);
  verify();
}

TEST_F(StackPoolTest, SegmentsOfAnOrderHaveItsSizeAndDoNotOverlap) {
  for (uint32_t order = 0; order < kStackOrders; ++order) {
    std::vector<StackSegment*> taken;
    std::vector<std::pair<uintptr_t, uintptr_t>> extents;
    for (int i = 0; i < 40; ++i) {
      taken.push_back(heap.stacks.take(m, order));
      EXPECT_EQ(taken.back()->order, order);
      const auto at = reinterpret_cast<uintptr_t>(taken.back());
      EXPECT_EQ(reinterpret_cast<uintptr_t>(taken.back()->end()) - at, segment_bytes(order));
      extents.emplace_back(at, at + segment_bytes(order));
    }
    std::sort(extents.begin(), extents.end());
    for (size_t i = 1; i < extents.size(); ++i) EXPECT_LE(extents[i - 1].second, extents[i].first);
    for (StackSegment* segment : taken) heap.stacks.give(m, segment);
    EXPECT_LE(cache.bytes[order], StackCache::kMost);
  }
  verify();
}

TEST_F(StackPoolTest, FlushEmptiesTheCacheAndEmptySpansAreFreedLater) {
  heap.stacks.give(m, heap.stacks.take(m, 1));
  StackSegment* kept = heap.stacks.take(m, 2);
  box.turn();
  box.take_records();
  prepare_for_sweep(m, heap, box.cache(), observe::FlushCause::kAcquireP);
  EXPECT_TRUE(cache.empty());
  EXPECT_EQ(heap.manual_bytes(), 2 * kStackSpanBytes);  // a flush frees no span: a cycle may be running
  heap.stacks.free_empty_spans(m);
  EXPECT_EQ(heap.manual_bytes(), kStackSpanBytes);
  EXPECT_EQ(box.take_events<observe::SpanFreed>(EventKind::kSpanFreed).size(), 1u);
  heap.stacks.give(m, kept);
  heap.stacks.clear(m, cache);
  heap.stacks.free_empty_spans(m);
  EXPECT_EQ(heap.manual_bytes(), 0u);
  verify();
}

TEST_F(StackPoolTest, ManualSpansAreReportedWithTheirOwnSpanClass) {
  box.take_records();
  heap.stacks.give(m, heap.stacks.take(m, 3));
  const auto events = box.take_events<observe::SpanAllocated>(EventKind::kSpanAllocated);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].header.code, observe::kManualSpanClass);
  EXPECT_EQ(events[0].pages, kStackSpanBytes / kPageSize);
}

TEST_F(StackPoolTest, DestroyedPReturnsItsSegments) {
  WhiteBox two(quiet_options(2));
  MCache* own = std::exchange(two.m().mcache, &two.sched().p(1).mcache);
  two.heap().stacks.give(two.m(), two.heap().stacks.take(two.m(), 0));
  two.m().mcache = own;
  two.runtime().collector().stopped(two.m(), observe::StwReason::kProcresize, 1, {});
  two.heap().stacks.free_empty_spans(two.m());
  EXPECT_EQ(two.heap().manual_bytes(), 0u);
}

}  // namespace
}  // namespace sweepscope::engine
