// The heap: the turn, allocation and freeing of spans, and the lookup of a span by address.
#include "engine/heap/mheap.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

struct MHeapTest : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  NonPreemptible region{m};
};

TEST_F(MHeapTest, BeginsSweptAtTheFirstGeneration) {
  EXPECT_EQ(heap.gen(), kFirstHeapGen);
  EXPECT_EQ(heap.sweep_done.peek(), 1u);
  EXPECT_EQ(heap.sweepers.peek(), 0u);
  EXPECT_EQ(heap.spans_in_use(), 0u);
}

TEST_F(MHeapTest, TurnSwapsTheQueuesAndReopensSweeping) {
  MSpan& span = box.cached(1);
  box.release();
  SweepQueue* swept = &heap.swept();
  SweepQueue* unswept = &heap.unswept();
  ASSERT_EQ(swept->size(), 1u);
  heap.pages_swept.init(9);
  box.turn();
  EXPECT_EQ(&heap.swept(), unswept);
  EXPECT_EQ(&heap.unswept(), swept);
  EXPECT_EQ(heap.unswept().at(0), span.id);
  EXPECT_EQ(heap.sweep_done.peek(), 0u);
  EXPECT_EQ(heap.pages_swept.peek(), 0u);
  EXPECT_EQ(heap.gen_acquire(), heap.gen());
}

TEST_F(MHeapTest, FindsASpanByEveryAddressInsideItAndNoOther) {
  MSpan* span = heap.alloc_span(m, 3, SpanClass(0, true), 3 * kPageSize);
  ASSERT_NE(span, nullptr);
  for (uintptr_t offset = 0; offset < 3 * kPageSize; offset += 511)
    EXPECT_EQ(heap.find(span->base + offset), span);
  EXPECT_EQ(heap.find(span->base + 3 * kPageSize), nullptr);
  EXPECT_EQ(heap.find(0), nullptr);
  EXPECT_EQ(heap.find(~uintptr_t{0}), nullptr);
  EXPECT_EQ(heap.find(reinterpret_cast<uintptr_t>(&heap)), nullptr);
  span->alloc_count = 0;
  const uintptr_t base = span->base;
  heap.free_span(m, *span);
  EXPECT_EQ(heap.find(base), nullptr);
}

TEST_F(MHeapTest, FindsNothingAtAnyAddressOfAFreedSpan) {
  for (const uint32_t pages : {1u, 2u, 5u}) {
    MSpan* span = heap.alloc_span(m, pages, SpanClass(0, true), pages * kPageSize);
    const uintptr_t base = span->base;
    span->alloc_count = 0;
    heap.free_span(m, *span);
    for (uint32_t page = 0; page < pages; ++page) EXPECT_EQ(heap.find(base + page * kPageSize), nullptr);
  }
}

TEST_F(MHeapTest, CountsSpansAndPagesInUse) {
  MSpan* a = heap.alloc_span(m, 3, SpanClass(0, true), 3 * kPageSize);
  MSpan* b = heap.alloc_span(m, 1, WhiteBox::kClass, 0);
  EXPECT_EQ(heap.spans_in_use(), 2u);
  EXPECT_EQ(heap.in_use_bytes(), 4 * kPageSize);
  EXPECT_EQ(heap.large_allocs, 1u);
  EXPECT_EQ(heap.large_alloc_bytes, 3 * kPageSize);
  a->alloc_count = 0;
  heap.free_span(m, *a);
  heap.free_span(m, *b);
  EXPECT_EQ(heap.spans_in_use(), 0u);
  EXPECT_EQ(heap.in_use_bytes(), 0u);
  EXPECT_TRUE(heap.pages().is_valid());
}

TEST_F(MHeapTest, ReusedStructContinuesItsNumberAndIsSwept) {
  MSpan* span = heap.alloc_span(m, 1, WhiteBox::kClass, 0);
  const uint32_t id = span->id;
  heap.swept().pop();  // a sweeper pops a span before it frees it
  heap.free_span(m, *span);
  const uint32_t number = span->number;
  box.turn();
  // I15: the free struct's sweepgen decodes as NEEDS now, but no queue holds it, so no sweeper reads it.
  box.sweep_all();
  MSpan* again = heap.alloc_span(m, 2, SpanClass(0, true), 2 * kPageSize);
  ASSERT_EQ(again->id, id);
  EXPECT_EQ(again->number, number + 1);
  EXPECT_EQ(again->sweepgen.peek(), heap.gen());
}

TEST_F(MHeapTest, SpanOfUsedPagesNeedsZeroing) {
  MSpan* span = heap.alloc_span(m, 1, WhiteBox::kClass, 0);
  EXPECT_FALSE(span->need_zero);
  heap.free_span(m, *span);
  span = heap.alloc_span(m, 1, WhiteBox::kClass, 0);
  EXPECT_TRUE(span->need_zero);
}

TEST_F(MHeapTest, NewSpanHasNoBitsOfThePreviousSpan) {
  MSpan* span = heap.alloc_span(m, 1, SpanClass(10, false), 0);
  for (unsigned table : {0u, 1u})
    for (uint32_t word = 0; word < span->words(); ++word) span->bits.word(table, word) = ~uint64_t{0};
  heap.free_span(m, *span);
  span = heap.alloc_span(m, 1, SpanClass(10, false), 0);
  EXPECT_EQ(span->allocated(), 0u);
  for (uint32_t word = 0; word < span->words(); ++word) EXPECT_EQ(span->mark_word_at(word), 0u);
}

TEST_F(MHeapTest, AllocatesUpToItsLimitAndNoFurther) {
  const auto limit = static_cast<uint32_t>(heap.limit_bytes() >> kPageShift);
  EXPECT_EQ(heap.alloc_span(m, limit + 1, SpanClass(0, true), 1), nullptr);
  MSpan* all = heap.alloc_span(m, limit, SpanClass(0, true), heap.limit_bytes());
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(heap.alloc_span(m, 1, SpanClass(0, true), 1), nullptr);
  all->alloc_count = 0;
  heap.free_span(m, *all);
  EXPECT_NE(heap.alloc_span(m, limit, SpanClass(0, true), 1), nullptr);
}

// A whole pass over the heap; returns the bytes that went back.
uint64_t scavenge(MHeap& heap, M& m, uint64_t keep) {
  const uint64_t before = heap.scavenged_bytes.peek();
  heap.begin_scavenging(m);
  for (PageRuns::Look look = heap.take_piece(m, keep); look.more; look = heap.take_piece(m, keep)) {
    if (look.pages == 0) continue;
    EXPECT_TRUE(heap.return_piece(m, look));
  }
  return heap.scavenged_bytes.peek() - before;
}

TEST_F(MHeapTest, ScavengedPagesReadAsZeroAndNeedNoClearing) {
  MSpan* span = heap.alloc_span(m, 5, SpanClass(0, false), 5 * kPageSize);
  std::memset(reinterpret_cast<void*>(span->base), 0xFF, span->bytes());
  span->alloc_count = 0;
  heap.free_span(m, *span);
  EXPECT_EQ(scavenge(heap, m, 5 * kPageSize), 0u) << "no more than is to be kept";
  EXPECT_EQ(scavenge(heap, m, 5 * kPageSize - 1), 5 * kPageSize);
  EXPECT_EQ(scavenge(heap, m, 0), 0u) << "nothing is given back twice";
  span = heap.alloc_span(m, 5, SpanClass(0, false), 5 * kPageSize);
  EXPECT_FALSE(span->need_zero);
  for (size_t byte = 0; byte < span->bytes(); ++byte)
    ASSERT_EQ(reinterpret_cast<const char*>(span->base)[byte], 0) << byte;
  EXPECT_TRUE(heap.pages_are_valid(m));
}

TEST_F(MHeapTest, ScavengingTouchesNoPageInUse) {
  MSpan* low = heap.alloc_span(m, 1, SpanClass(0, true), kPageSize);
  MSpan* dead = heap.alloc_span(m, 3, SpanClass(0, true), 3 * kPageSize);
  MSpan* high = heap.alloc_span(m, 1, SpanClass(0, true), kPageSize);
  for (MSpan* span : {low, dead, high}) std::memset(reinterpret_cast<void*>(span->base), 0x55, span->bytes());
  dead->alloc_count = 0;
  heap.free_span(m, *dead);
  EXPECT_EQ(scavenge(heap, m, 0), 3 * kPageSize);
  for (MSpan* span : {low, high})
    for (size_t byte = 0; byte < kPageSize; ++byte)
      ASSERT_EQ(reinterpret_cast<const char*>(span->base)[byte], 0x55);
}

TEST_F(MHeapTest, PagesThatAreBeingScavengedAreNotAllocated) {
  MSpan* span = heap.alloc_span(m, 4, SpanClass(0, true), 4 * kPageSize);
  const uint32_t first = span->first_page;
  span->alloc_count = 0;
  heap.free_span(m, *span);
  heap.begin_scavenging(m);
  const PageRuns::Look piece = heap.take_piece(m, 0);
  ASSERT_EQ(piece.first, first);
  ASSERT_EQ(piece.pages, 4u);
  span = heap.alloc_span(m, 4, SpanClass(0, true), 4 * kPageSize);
  EXPECT_EQ(span->first_page, first + 4);
  EXPECT_TRUE(heap.return_piece(m, piece));
  span = heap.alloc_span(m, 4, SpanClass(0, true), 4 * kPageSize);
  EXPECT_EQ(span->first_page, first);
}

TEST(MHeapCreate, RefusesALimitBelowOneArena) {
  EngineOptions options = quiet_options();
  options.max_heap_bytes = options.arena_bytes / 2;
  Engine::Created made = Engine::create(options);
  EXPECT_EQ(made.engine, nullptr);
  EXPECT_FALSE(made.error.empty());
  EXPECT_EQ(made.error.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace sweepscope::engine
