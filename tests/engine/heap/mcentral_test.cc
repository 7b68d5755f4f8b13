// The mcentral: the order in which cache_span tries its sources, the counters, and the lists that an uncached
// span goes to.
#include "engine/heap/mcentral.h"

#include <gtest/gtest.h>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using observe::Cause;
using observe::ListMembership;

constexpr uint32_t kSlots = 8, kSize = 1024;  // of WhiteBox::kClass

struct MCentralTest : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  MCentral& central = box.central();
  NonPreemptible region{m};

  std::optional<SweepState> state(const MSpan& span) { return decode(span.sweepgen.peek(), box.h()); }
  uint64_t mallocs() { return central.nmalloc() - box.cache().frees.unused[WhiteBox::kClass.size_class()]; }
  uint64_t swept(Cause cause) { return m.swept_spans[static_cast<size_t>(cause)]; }

  // Partly used, uncached, on `nonempty`.
  MSpan& partial(uint32_t objects = 3) {
    MSpan& span = box.cached(objects);
    box.release();
    return span;
  }
  // Cached by another P: on `empty`, CACHED, with `objects` slots allocated.
  MSpan& cached_elsewhere(uint32_t objects = 3) {
    MSpan& span = box.fresh();
    for (uint32_t i = 0; i < objects; ++i) span.next_free();
    arc_cache(m, span, box.h());
    return span;
  }
  // Full, uncached, on `empty`.
  MSpan& full() {
    MSpan& span = cached_elsewhere(kSlots);
    span.next_free();
    span.alloc_count = span.nelems;
    arc_replace_full(m, span, box.h());
    return span;
  }
};

TEST_F(MCentralTest, GrowsTheHeapWhenItHasNoSpan) {
  MSpan* span = central.cache_span(m, heap);
  ASSERT_NE(span, nullptr);
  EXPECT_EQ(state(*span), SweepState::kSwept);
  EXPECT_EQ(span->list, ListMembership::kEmpty);
  EXPECT_EQ(central.nonempty().front(), nullptr);
  EXPECT_EQ(heap.spans_in_use(), 1u);
}

TEST_F(MCentralTest, PrefersTheNonemptyListToGrowing) {
  MSpan& span = partial();
  EXPECT_EQ(central.cache_span(m, heap), &span);
  EXPECT_EQ(span.list, ListMembership::kEmpty);
  EXPECT_EQ(span.next_free(), 3u);
  EXPECT_EQ(heap.spans_in_use(), 1u);
}

TEST_F(MCentralTest, SweepsANonemptySpanThatNeedsIt) {
  MSpan& span = partial();
  box.turn();
  WhiteBox::mark(span, 1);
  EXPECT_EQ(central.cache_span(m, heap), &span);
  EXPECT_EQ(state(span), SweepState::kSwept);
  EXPECT_EQ(swept(Cause::kCacheSpan), 1u);
  EXPECT_EQ(span.alloc_count, 1u);
  EXPECT_EQ(span.next_free(), 0u);
  EXPECT_EQ(span.next_free(), 2u);
}

TEST_F(MCentralTest, SpanWithoutLiveObjectsIsKeptForTheCaller) {
  MSpan& span = partial();
  box.turn();
  EXPECT_EQ(central.cache_span(m, heap), &span);
  EXPECT_EQ(span.state.peek(), SpanState::kInUse);
  EXPECT_EQ(span.alloc_count, 0u);
}

TEST_F(MCentralTest, SkipsASpanThatIsBeingSwept) {
  MSpan& span = partial();
  box.turn();
  WhiteBox::mark(span, 0);
  SweepToken token = arc_claim(m, span, box.h(), Cause::kBackground);
  MSpan* other = central.cache_span(m, heap);
  EXPECT_NE(other, &span);
  EXPECT_EQ(state(span), SweepState::kSweeping);
  sweep_alone(m, heap, std::move(token), MCentral::Preserve::kNo, Cause::kBackground);
  EXPECT_EQ(central.cache_span(m, heap), &span);
}

TEST_F(MCentralTest, SweepsAFullSpanBeforeItGrows) {
  MSpan& span = full();
  box.turn();
  WhiteBox::mark(span, 5);
  EXPECT_EQ(central.cache_span(m, heap), &span);
  EXPECT_EQ(span.alloc_count, 1u);
  EXPECT_EQ(span.list, ListMembership::kEmpty);
  EXPECT_EQ(heap.spans_in_use(), 1u);
}

TEST_F(MCentralTest, SweepsFullSpansUntilOneHasRoom) {
  MSpan& one = full();
  MSpan& two = full();
  MSpan& three = full();
  box.turn();
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    WhiteBox::mark(one, slot);
    WhiteBox::mark(two, slot);
  }
  WhiteBox::mark(three, 0);
  EXPECT_EQ(central.cache_span(m, heap), &three);
  EXPECT_EQ(swept(Cause::kCacheSpan), 3u);
  EXPECT_EQ(state(one), SweepState::kSwept);
  EXPECT_EQ(state(two), SweepState::kSwept);
  EXPECT_EQ(heap.spans_in_use(), 3u);
}

TEST_F(MCentralTest, GrowsWhenEveryFullSpanStaysFull) {
  MSpan& one = full();
  box.turn();
  for (uint32_t slot = 0; slot < kSlots; ++slot) WhiteBox::mark(one, slot);
  EXPECT_NE(central.cache_span(m, heap), &one);
  EXPECT_EQ(heap.spans_in_use(), 2u);
  EXPECT_EQ(m.grow_while_unswept, 0u);
}

// Go 08bf64a81e: a refill does not sweep every full span of a heap of full spans.
TEST_F(MCentralTest, GrowsAfterAHundredFullSpansInVainUnlessThePolicyLeavesThatOut) {
  for (const bool budgeted : {true, false}) {
    heap.repairs.full_spans_are_budgeted = budgeted;
    std::vector<MSpan*> spans;
    for (uint32_t i = 0; i < MCentral::kFullSpansToSweep + 20; ++i) spans.push_back(&full());
    box.turn();
    for (MSpan* span : spans)
      for (uint32_t slot = 0; slot < kSlots; ++slot)
        if (span != spans.back() || slot > 0) WhiteBox::mark(*span, slot);
    const uint64_t before = swept(Cause::kCacheSpan);
    MSpan* got = central.cache_span(m, heap);
    EXPECT_EQ(swept(Cause::kCacheSpan) - before,
              budgeted ? MCentral::kFullSpansToSweep : MCentral::kFullSpansToSweep + 20);
    EXPECT_EQ(got == spans.back(), !budgeted);
    // The next round begins without spans.
    arc_cache(m, *got, box.h());
    got->alloc_count = got->nelems;
    got->freeindex.put(got->nelems);
    arc_replace_full(m, *got, box.h());
    box.sweep_all();
    box.turn();
    box.sweep_all();
    ASSERT_EQ(heap.spans_in_use(), 0u);
  }
}

TEST_F(MCentralTest, StaleSpanEndsTheWalkOfTheEmptyListAndTheGrowthIsCounted) {
  MSpan& stale = cached_elsewhere();
  MSpan& behind = full();
  box.turn();
  ASSERT_EQ(state(stale), SweepState::kStale);
  WhiteBox::mark(behind, 0);
  MSpan* got = central.cache_span(m, heap);
  EXPECT_NE(got, &behind);  // N1: it needs sweeping and has room, but cache_span does not reach it
  EXPECT_EQ(swept(Cause::kCacheSpan), 0u);
  EXPECT_EQ(swept(Cause::kReclaim), 1u);  // `behind`, swept by the allocation of the new span
  EXPECT_EQ(state(stale), SweepState::kStale);
  EXPECT_EQ(m.grow_while_unswept, 1u);
}

TEST_F(MCentralTest, SweptSpanAtTheFrontEndsTheWalkToo) {
  full();
  box.central().cache_span(m, heap);
  EXPECT_EQ(swept(Cause::kCacheSpan), 0u);
  EXPECT_EQ(m.grow_while_unswept, 0u);
}

// I9 and I10: caching a span counts its free slots; uncaching it subtracts the unused ones.
TEST_F(MCentralTest, CachingASpanCountsAllItsFreeSlots) {
  box.fresh();
  EXPECT_EQ(central.nmalloc(), kSlots);
  EXPECT_EQ(heap.heap_live.peek(), uint64_t{kSlots} * kSize);
}

TEST_F(MCentralTest, UncachingAFreshSpanSubtractsItsUnusedSlots) {
  MSpan& span = partial(3);
  EXPECT_EQ(mallocs(), 3u);
  EXPECT_EQ(heap.heap_live.peek(), 3u * kSize);
  EXPECT_EQ(box.cache().frees.unused_bytes, 0u);
  EXPECT_EQ(span.list, ListMembership::kNonempty);
  EXPECT_EQ(central.cache_span(m, heap), &span);  // counts the free slots again
  EXPECT_EQ(mallocs(), kSlots);
  EXPECT_EQ(heap.heap_live.peek(), uint64_t{kSlots} * kSize);
}

TEST_F(MCentralTest, FreshFullSpanStaysOnTheEmptyListAndSubtractsNothing) {
  MSpan& span = box.cached(kSlots);
  box.release();
  EXPECT_EQ(span.list, ListMembership::kEmpty);
  EXPECT_EQ(central.nmalloc(), kSlots);
  EXPECT_EQ(heap.heap_live.peek(), uint64_t{kSlots} * kSize);
}

TEST_F(MCentralTest, StaleSpanSubtractsFromNmallocButNotFromHeapLive) {
  MSpan& span = box.cached(3);
  box.turn();
  heap.heap_live.init(2 * kSize);  // recomputed from the marks at the turn
  WhiteBox::mark(span, 0);
  WhiteBox::mark(span, 2);
  EXPECT_TRUE(uncache_alone(m, heap, span));
  EXPECT_EQ(mallocs(), 3u);
  EXPECT_EQ(box.cache().frees.unused_bytes, 0u);
  EXPECT_EQ(box.cache().frees.small[WhiteBox::kClass.size_class()], 1u);
  EXPECT_EQ(heap.heap_live.peek(), 2u * kSize);
  EXPECT_EQ(state(span), SweepState::kSwept);
  EXPECT_EQ(span.list, ListMembership::kNonempty);
  EXPECT_EQ(span.alloc_count, 2u);
  EXPECT_EQ(swept(Cause::kFlush), 1u);
}

TEST_F(MCentralTest, StaleFullSpanWithADeadObjectMovesToNonempty) {
  MSpan& span = box.cached(kSlots);
  box.turn();
  WhiteBox::mark(span, 7);
  EXPECT_TRUE(uncache_alone(m, heap, span));
  EXPECT_EQ(span.list, ListMembership::kNonempty);
  EXPECT_EQ(span.alloc_count, 1u);
}

TEST_F(MCentralTest, StaleFullSpanWithoutDeadObjectsStaysOnEmpty) {
  MSpan& span = box.cached(kSlots);
  box.turn();
  for (uint32_t slot = 0; slot < kSlots; ++slot) WhiteBox::mark(span, slot);
  EXPECT_TRUE(uncache_alone(m, heap, span));
  EXPECT_EQ(span.list, ListMembership::kEmpty);
  EXPECT_EQ(state(span), SweepState::kSwept);
}

// D2 and I11: a span without live objects stays on no list.
TEST_F(MCentralTest, StaleSpanWithoutLiveObjectsIsFreed) {
  for (uint32_t objects : {3u, kSlots}) {
    MSpan& span = box.cached(objects);
    const uintptr_t base = span.base;
    box.turn();
    EXPECT_TRUE(uncache_alone(m, heap, span));
    box.cache().alloc[WhiteBox::kClass.raw()] = &heap.empty_span;
    EXPECT_EQ(span.state.peek(), SpanState::kFree);
    EXPECT_EQ(span.list, ListMembership::kNone);
    EXPECT_EQ(central.nonempty().front(), nullptr);
    EXPECT_EQ(central.empty().front(), nullptr);
    EXPECT_EQ(heap.find(base), nullptr);
    EXPECT_EQ(heap.spans_in_use(), 0u);
    EXPECT_EQ(heap.in_use_bytes(), 0u);
    box.sweep_all();
  }
}

// Where a thread could find it SWEPT and take it.
TEST_F(MCentralTest, DeadSpanIsOnNoListWhenItBecomesSwept) {
  MSpan* spans[] = {&full(), &partial(3)};
  box.turn();
  box.take_records();
  box.sweep_all();
  for (MSpan* span : spans) EXPECT_EQ(span->state.peek(), SpanState::kFree);
  uint32_t ends = 0;
  for (const observe::Transition& t : box.take_events<observe::Transition>(observe::EventKind::kTransition)) {
    if (t.to != box.h()) continue;
    EXPECT_EQ(t.list, ListMembership::kNone);
    ++ends;
  }
  EXPECT_EQ(ends, 2u);
}

TEST_F(MCentralTest, UncachingCountsAsASweeperOnlyWhileItSweeps) {
  MSpan& span = box.cached(3);
  box.turn();
  uncache_alone(m, heap, span);
  EXPECT_EQ(heap.sweepers.peek(), 0u);
}

}  // namespace
}  // namespace sweepscope::engine
