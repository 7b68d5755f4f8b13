// Reclaim: before the heap takes new pages, it sweeps unswept spans to free as many, large objects first.
#include "engine/heap/reclaim.h"

#include <gtest/gtest.h>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using observe::Cause;
using observe::ListMembership;

struct Reclaim : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  NonPreemptible region{m};

  MSpan& large(uint32_t pages) { return *heap.alloc_span(m, pages, SpanClass(0, true), pages * kPageSize); }
  void reclaim(uint32_t pages) {
    const Guard guard(m, heap.lock(), "test: mheap");
    reclaim_locked(m, heap, pages);
  }
  uint64_t swept() { return m.swept_spans[static_cast<size_t>(Cause::kReclaim)]; }
  std::optional<SweepState> state(const MSpan& span) { return decode(span.sweepgen.peek(), box.h()); }
};

TEST_F(Reclaim, EveryLargeSpanIsOnTheBusyListUntilItIsFreed) {
  MSpan& a = large(5);
  MSpan& b = large(6);
  EXPECT_EQ(a.list, ListMembership::kBusyLarge);
  EXPECT_EQ(heap.busy_large().front(), &a);
  EXPECT_EQ(a.next, &b);
  a.alloc_count = 0;
  heap.free_span(m, a);
  EXPECT_EQ(a.list, ListMembership::kNone);
  EXPECT_EQ(heap.busy_large().front(), &b);
}

TEST_F(Reclaim, UnsweptLargeSpansAreCountedAtEachTurnAndWithEachSweep) {
  for (int i = 0; i < 4; ++i) large(5);
  MSpan& freed = large(6);
  freed.alloc_count = 0;
  heap.swept().pop();
  heap.free_span(m, freed);
  box.turn();
  EXPECT_EQ(heap.unswept_large.peek(), 4u);
  reclaim(5);
  EXPECT_EQ(heap.unswept_large.peek(), 3u);
  box.sweep_all();
  EXPECT_EQ(heap.unswept_large.peek(), 0u);
}

TEST_F(Reclaim, TakesOneLargeEnoughSpanBeforeManySmallerOnes) {
  for (int i = 0; i < 3; ++i) large(5);
  MSpan& big = large(20);
  box.turn();
  reclaim(16);
  EXPECT_EQ(big.state.peek(), SpanState::kFree);
  EXPECT_EQ(swept(), 1u);
  EXPECT_EQ(heap.spans_in_use(), 3u);
}

TEST_F(Reclaim, AddsSmallerSpansUntilTheirPagesAreEnough) {
  for (int i = 0; i < 5; ++i) large(5);
  box.turn();
  reclaim(11);
  EXPECT_EQ(swept(), 3u);
  EXPECT_EQ(heap.spans_in_use(), 2u);
}

// Go's walk ends at the first span that does not need sweeping (#21378).
TEST_F(Reclaim, ContinuesPastSpansThatAreSweptOrBeingSwept) {
  MSpan& swept_already = large(5);
  MSpan& being_swept = large(5);
  MSpan& dead = large(5);
  MSpan& small = box.cached(1);  // swept first if the walk ended early
  box.release();
  box.turn();
  WhiteBox::mark(swept_already, 0);
  WhiteBox::mark(being_swept, 0);
  sweep_alone(m, heap, arc_claim(m, swept_already, box.h(), Cause::kForced), MCentral::Preserve::kNo,
              Cause::kForced);
  SweepToken elsewhere = arc_claim(m, being_swept, box.h(), Cause::kForced);
  ASSERT_EQ(heap.busy_large().front(), &swept_already);
  reclaim(5);
  EXPECT_EQ(dead.state.peek(), SpanState::kFree);
  EXPECT_EQ(state(small), SweepState::kNeeds);
  EXPECT_EQ(swept(), 1u);
  sweep_alone(m, heap, std::move(elsewhere), MCentral::Preserve::kNo, Cause::kForced);
}

TEST_F(Reclaim, ContinuesPastLiveLargeObjects) {
  MSpan& first = large(5);
  MSpan& second = large(5);
  MSpan& dead = large(5);
  box.turn();
  WhiteBox::mark(first, 0);
  WhiteBox::mark(second, 0);
  reclaim(5);
  EXPECT_EQ(dead.state.peek(), SpanState::kFree);
  EXPECT_EQ(state(first), SweepState::kSwept);
  EXPECT_EQ(state(second), SweepState::kSwept);
  EXPECT_EQ(swept(), 3u);
}

TEST_F(Reclaim, SweepsTheQueueWhenLargeObjectsAreNotEnough) {
  box.cached(1, SpanClass(60, true));  // 7 pages
  box.cached(1, SpanClass(50, true));
  box.release();
  large(5);
  box.turn();
  reclaim(6);
  EXPECT_EQ(swept(), 2u);  // the large span, then the last of the queue
  reclaim(1000);
  EXPECT_EQ(heap.spans_in_use(), 0u);
  EXPECT_EQ(heap.sweep_done.peek(), 1u);
  EXPECT_EQ(heap.sweepers.peek(), 0u);
}

TEST_F(Reclaim, NewSpanReusesThePagesOfGarbageInsteadOfGrowingTheHeap) {
  const auto limit = static_cast<uint32_t>(heap.limit_bytes() >> kPageShift);
  large(limit);
  box.turn();
  MSpan& again = large(limit);  // fits only after the first span is freed
  EXPECT_EQ(again.state.peek(), SpanState::kInUse);
  EXPECT_EQ(heap.spans_in_use(), 1u);
}

TEST_F(Reclaim, DoesNothingOnceSweepingIsDone) {
  MSpan& live = large(5);
  box.turn();
  WhiteBox::mark(live, 0);
  box.sweep_all();
  large(5);
  EXPECT_EQ(swept(), 0u);
}

TEST_F(Reclaim, CountsAmongTheSweepersUnlessThePolicyKeepsD3) {
  for (const bool counted : {true, false}) {
    heap.repairs.direct_sweepers_count = counted;
    large(5);
    box.turn();
    const uint32_t before = heap.sweepers.peek();
    uint32_t during = ~0u;
    {
      Sweeping direct(m, heap);
      during = heap.sweepers.peek();
    }
    EXPECT_EQ(during - before, counted ? 1u : 0u);
    box.sweep_all();
  }
}

}  // namespace
}  // namespace sweepscope::engine
