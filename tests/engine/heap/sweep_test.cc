// Sweeping one span, and sweeping the unswept queue until it is empty.
#include "engine/heap/sweep.h"

#include <gtest/gtest.h>

#include <array>

#include "engine/base/random.h"
#include "tests/engine/support/white_box.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

using observe::Cause;
using observe::ListMembership;
using Preserve = MCentral::Preserve;

struct Sweep : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  NonPreemptible region{m};

  std::optional<SweepState> state(const MSpan& span) { return decode(span.sweepgen.peek(), box.h()); }
};

TEST_F(Sweep, MarksBecomeAllocBitsAndNewMarksAreClear) {
  const uint64_t seed = testing::seed_or(3);
  SWEEPSCOPE_TRACE_SEED(seed);
  Random random(seed);
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) {
    const SpanClass span_class(c, true);
    const uint32_t objects = 1 + random.below(class_objects(c));
    MSpan& span = box.cached(objects, span_class);
    box.release();
    box.turn();
    uint32_t live = 0;
    std::vector<bool> marked(span.nelems);
    for (uint32_t slot = 0; slot < objects; ++slot) {
      if (random.below(2) == 0) continue;
      WhiteBox::mark(span, slot);
      marked[slot] = true;
      ++live;
    }
    if (live == 0) {
      WhiteBox::mark(span, 0);
      marked[0] = true;
      live = 1;
    }
    const uint64_t frees_before = box.cache().frees.small[c];
    box.sweep_all();
    ASSERT_EQ(state(span), SweepState::kSwept) << int{c};
    ASSERT_EQ(span.alloc_count, live);
    ASSERT_EQ(span.allocated(), live);  // I12
    ASSERT_EQ(span.freeindex.peek(), 0u);
    ASSERT_EQ(box.cache().frees.small[c] - frees_before, objects - live);
    for (uint32_t slot = 0; slot < span.nelems; ++slot) {
      ASSERT_EQ((span.alloc_word_at(slot / 64) >> (slot % 64) & 1) != 0, marked[slot]);
      ASSERT_EQ(span.mark_word_at(slot / 64) >> (slot % 64) & 1, 0u);
    }
    ASSERT_EQ(span.list, live == span.nelems ? ListMembership::kEmpty : ListMembership::kNonempty);
    // Frees the span before the next class.
    box.turn();
    box.sweep_all();
    ASSERT_EQ(span.state.peek(), SpanState::kFree);
  }
}

TEST_F(Sweep, QueueIsSweptOnceAndThenDone) {
  constexpr uint32_t kSpans = 20;
  for (uint32_t i = 0; i < kSpans; ++i) {
    box.cached(1, SpanClass(static_cast<uint8_t>(i + 1), true));
  }
  box.release();
  box.turn();
  EXPECT_EQ(heap.unswept().size(), kSpans);
  EXPECT_EQ(heap.sweep_done.peek(), 0u);
  uint32_t swept = 0;
  while (sweep_one(m, heap, Cause::kBackground)) ++swept;
  EXPECT_EQ(swept, kSpans);
  EXPECT_EQ(heap.sweep_done.peek(), 1u);
  EXPECT_EQ(heap.sweepers.peek(), 0u);
  EXPECT_EQ(heap.unswept().size(), 0u);
  EXPECT_EQ(heap.spans_in_use(), 0u);  // nothing was marked
  EXPECT_EQ(m.swept_spans[static_cast<size_t>(Cause::kBackground)], kSpans);
  EXPECT_EQ(sweep_one(m, heap, Cause::kBackground), std::nullopt);
}

TEST_F(Sweep, BatchTellsTheHeapAtItsEnd) {
  MSpan* dead = &box.cached(1, SpanClass(60, true));
  MSpan* live = &box.cached(1);
  box.release();
  box.turn();
  WhiteBox::mark(*live, 0);
  {
    const Sweeping batch(m, heap);
    for (MSpan* span : {dead, live}) {
      SweepToken token = arc_claim(m, *span, box.h(), Cause::kBackground);
      EXPECT_EQ(sweep(m, heap, std::move(token), Preserve::kNo, Cause::kBackground), span == dead);
      EXPECT_EQ(state(*span), SweepState::kSwept);
    }
    EXPECT_EQ(dead->state.peek(), SpanState::kInUse);
    EXPECT_EQ(dead->list, ListMembership::kNone);
    EXPECT_EQ(heap.swept().size(), 0u);
    EXPECT_EQ(heap.pages_swept.peek(), 0u);
    EXPECT_EQ(heap.sweepers.peek(), 1u);
    EXPECT_FALSE(m.batch.empty());
  }
  EXPECT_TRUE(m.batch.empty());
  EXPECT_EQ(dead->state.peek(), SpanState::kFree);
  EXPECT_EQ(heap.swept().size(), 1u);
  EXPECT_EQ(heap.pages_swept.peek(), class_pages(60) + 1u);
  EXPECT_EQ(heap.sweepers.peek(), 0u);
  box.sweep_all();
}

TEST_F(Sweep, BatchTakesNoMoreOfTheQueueThanAskedAndGoesOnUntilItSweptOne) {
  constexpr uint32_t kSpans = 2 * SweepBatch::kMost + 5;
  std::vector<MSpan*> spans;
  for (uint32_t i = 0; i < kSpans; ++i) {
    spans.push_back(&box.fresh());
    spans.back()->alloc_count = spans.back()->nelems;
    spans.back()->freeindex.put(spans.back()->nelems);
  }
  box.turn();
  EXPECT_TRUE(sweep_batch(m, heap, Cause::kBackground, 3));
  EXPECT_EQ(heap.unswept().size(), kSpans - 3);
  EXPECT_EQ(heap.pages_swept.peek(), 3u);
  EXPECT_TRUE(sweep_batch(m, heap, Cause::kBackground));
  EXPECT_EQ(heap.unswept().size(), kSpans - 3 - SweepBatch::kMost);
  for (uint32_t i = 1; i < heap.unswept().size(); ++i)  // all but one are swept directly
    sweep_alone(m, heap, arc_claim(m, heap.span(heap.unswept().at(i)), box.h(), Cause::kForced),
                Preserve::kNo, Cause::kForced);
  EXPECT_TRUE(sweep_batch(m, heap, Cause::kBackground, 1));
  EXPECT_EQ(heap.unswept().size(), 0u);
  EXPECT_EQ(heap.sweep_done.peek(), 0u);
  EXPECT_FALSE(sweep_batch(m, heap, Cause::kBackground));
  EXPECT_EQ(heap.sweep_done.peek(), 1u);
  EXPECT_EQ(heap.spans_in_use(), 0u);
  EXPECT_EQ(heap.pages().runs(), 1u) << "neighbours went back as one run";
  EXPECT_TRUE(heap.pages().is_valid());
}

std::array<MSpan*, 5> five_full_spans(WhiteBox& box) {
  std::array<MSpan*, 5> spans;
  for (MSpan*& span : spans) {
    span = &box.fresh();
    span->alloc_count = span->nelems;
    span->freeindex.put(span->nelems);
  }
  return spans;
}

void sweep_all_but(MSpan& survivor, WhiteBox& box) {
  WhiteBox::mark(survivor, 0);
  EXPECT_TRUE(sweep_batch(box.m(), box.heap(), Cause::kBackground));
  EXPECT_EQ(box.heap().spans_in_use(), 1u);
  EXPECT_EQ(box.heap().pages().in_use_pages(), 1u);
  EXPECT_EQ(box.heap().pages().runs(), 2u);
  EXPECT_TRUE(box.heap().pages().is_valid());
}

TEST_F(Sweep, PagesBetweenTwoDeadSpansOfABatchStayInUse) {
  const std::array<MSpan*, 5> spans = five_full_spans(box);
  box.turn();
  sweep_all_but(*spans[2], box);
}

// The same, popped in the opposite order: sweeping one at a time turned the queue round.
TEST_F(Sweep, PagesBetweenTwoDeadSpansStayInUseInDescendingOrder) {
  const std::array<MSpan*, 5> spans = five_full_spans(box);
  box.turn();
  for (MSpan* span : spans) WhiteBox::mark(*span, 0);
  while (sweep_one(m, heap, Cause::kBackground)) {
  }
  ASSERT_GT(heap.span(heap.swept().at(0)).first_page, heap.span(heap.swept().at(1)).first_page);
  box.turn();
  sweep_all_but(*spans[2], box);
}

TEST_F(Sweep, FlushOfMoreSpansThanABatchHoldsTellsTheHeapOfAll) {
  constexpr uint32_t kSpans = SweepBatch::kMost + 12;
  for (uint32_t i = 0; i < kSpans; ++i) box.cached(1, SpanClass(static_cast<uint8_t>(i + 1), true));
  box.turn();
  for (uint32_t i = 0; i < kSpans; ++i)
    WhiteBox::mark(*box.cache().alloc[SpanClass(static_cast<uint8_t>(i + 1), true).raw()], 0);
  prepare_for_sweep(m, heap, box.cache(), observe::FlushCause::kAcquireP);
  EXPECT_EQ(heap.swept().size(), kSpans);
  EXPECT_TRUE(m.batch.empty());
  box.sweep_all();
}

TEST_F(Sweep, SurvivorsAreOnTheSweptQueueExactlyOnce) {
  MSpan& span = box.cached(2);
  box.release();
  for (int cycle = 0; cycle < 5; ++cycle) {
    box.turn();
    WhiteBox::mark(span, 0);
    box.sweep_all();
    ASSERT_EQ(heap.swept().size(), 1u);
    ASSERT_EQ(heap.swept().at(0), span.id);
  }
}

TEST_F(Sweep, SweepOneReturnsTheNumberOfPagesItFreed) {
  box.cached(1, SpanClass(60, true));  // 7 pages
  box.release();
  box.turn();
  EXPECT_EQ(sweep_one(m, heap, Cause::kBackground), class_pages(60));
}

TEST_F(Sweep, StaleSpanIsDroppedFromTheQueueAndLeftToItsFlusher) {
  MSpan& span = box.cached(3);
  box.turn();
  box.sweep_all();
  EXPECT_EQ(state(span), SweepState::kStale);
  EXPECT_EQ(heap.unswept().size(), 0u);
  EXPECT_EQ(m.swept_spans[static_cast<size_t>(Cause::kForced)], 0u);
  prepare_for_sweep(m, heap, box.cache(), observe::FlushCause::kAcquireP);
  EXPECT_EQ(span.state.peek(), SpanState::kFree);
}

// D1: a span swept directly and freed stays in the unswept queue; its struct may be cached again before it is
// popped.
TEST_F(Sweep, PoppedSpanThatWasFreedAndCachedAgainIsNoError) {
  MSpan& span = box.cached(3);
  box.release();
  box.turn();
  SweepToken token = arc_claim(m, span, box.h(), Cause::kReclaim);
  ASSERT_TRUE(sweep_alone(m, heap, std::move(token), Preserve::kNo, Cause::kReclaim));
  ASSERT_EQ(span.state.peek(), SpanState::kFree);
  ASSERT_EQ(heap.unswept().size(), 1u);
  // sweep_one may load the state FREE and then the sweepgen of the next span in this struct.
  span.sweepgen.init(encode(SweepState::kCached, box.h()));
  box.sweep_all();
  EXPECT_EQ(heap.sweep_done.peek(), 1u);
}

TEST_F(Sweep, DeadLargeObjectIsFreedAndALiveOneStays) {
  MSpan* dead = heap.alloc_span(m, 10, SpanClass(0, true), 80000);
  MSpan* live = heap.alloc_span(m, 12, SpanClass(0, false), 90000);
  ASSERT_TRUE(dead != nullptr && live != nullptr);
  EXPECT_EQ(heap.heap_live.peek(), (10u + 12u) * kPageSize);
  box.turn();
  WhiteBox::mark(*live, 0);
  box.sweep_all();
  EXPECT_EQ(dead->state.peek(), SpanState::kFree);
  EXPECT_EQ(live->state.peek(), SpanState::kInUse);
  EXPECT_EQ(box.cache().frees.large, 1u);
  EXPECT_EQ(box.cache().frees.large_bytes, 10u * kPageSize);
  EXPECT_EQ(live->list, ListMembership::kBusyLarge);
}

TEST_F(Sweep, FreesOfAThreadWithoutAnMcacheAreChargedToTheThread) {
  box.cached(3);
  box.release();
  box.turn();
  M& sweeper = box.runtime().threads().add();
  while (sweep_one(sweeper, heap, Cause::kBackground)) {
  }
  EXPECT_EQ(sweeper.frees.small[WhiteBox::kClass.size_class()], 3u);
  EXPECT_EQ(box.cache().frees.small[WhiteBox::kClass.size_class()], 0u);
}

}  // namespace
}  // namespace sweepscope::engine
