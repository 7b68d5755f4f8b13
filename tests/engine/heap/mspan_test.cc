// A span hands out each of its free slots exactly once, in ascending order, for any allocation bits.
#include "engine/heap/mspan.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "engine/base/random.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

constexpr uint32_t kWords = 16;  // 1024 slots, the maximum

struct Bench {
  explicit Bench(uint32_t nelems) {
    span.nelems = nelems;
    span.elem_size = 8;
    span.span_class = SpanClass(1, true);
    span.bits = ObjectBits(area.data());
    span.rewind_alloc_cache();
  }
  uint64_t& allocs(uint32_t word) { return span.alloc_word_at(word); }
  bool allocated(uint32_t slot) const { return (span.alloc_word_at(slot / 64) >> (slot % 64) & 1) != 0; }
  alignas(64) std::array<uint64_t, 2 * kWords> area{};
  MSpan span;
};

// The slots from `from` whose allocation bit is clear.
std::vector<uint32_t> free_from(const Bench& bench, uint32_t from) {
  std::vector<uint32_t> slots;
  for (uint32_t slot = from; slot < bench.span.nelems; ++slot)
    if (!bench.allocated(slot)) slots.push_back(slot);
  return slots;
}

void expect_hands_out(Bench& bench, uint32_t from) {
  const std::vector<uint32_t> expected = free_from(bench, from);
  uint32_t allocated = bench.span.allocated();
  for (uint32_t slot : expected) {
    ASSERT_EQ(bench.span.next_free(), slot) << "of " << bench.span.nelems;
    ASSERT_EQ(bench.span.freeindex.peek(), slot + 1);
    ASSERT_EQ(bench.span.allocated(), ++allocated);  // I12
  }
  for (int again = 0; again < 3; ++again) ASSERT_EQ(bench.span.next_free(), bench.span.nelems);
  ASSERT_TRUE(bench.span.full());
  ASSERT_EQ(bench.span.allocated(), bench.span.nelems);
}

TEST(MSpan, EmptySpanOfEveryClassHandsOutEverySlotInOrder) {
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) {
    Bench bench(class_objects(c));
    expect_hands_out(bench, 0);
  }
}

TEST(MSpan, RandomBitsOfEveryClassHandOutExactlyTheFreeSlots) {
  const uint64_t seed = testing::seed_or(1);
  SWEEPSCOPE_TRACE_SEED(seed);
  Random random(seed);
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) {
    for (int round = 0; round < 40; ++round) {
      Bench bench(class_objects(c));
      const uint32_t density = random.below(5);  // none, sparse, half, dense, full
      for (uint32_t slot = 0; slot < bench.span.nelems; ++slot)
        if (random.below(4) < density) bench.allocs(slot / 64) |= uint64_t{1} << (slot % 64);
      bench.span.rewind_alloc_cache();
      expect_hands_out(bench, 0);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(MSpan, RewindBeginsAtFreeindexAndSkipsTheSlotsBelow) {
  const uint64_t seed = testing::seed_or(2);
  SWEEPSCOPE_TRACE_SEED(seed);
  Random random(seed);
  for (uint32_t from = 0; from <= 200; ++from) {
    Bench bench(200);
    for (uint32_t slot = 0; slot < bench.span.nelems; ++slot)
      if (random.below(4) == 0) bench.allocs(slot / 64) |= uint64_t{1} << (slot % 64);
    bench.span.freeindex.init(from);
    bench.span.rewind_alloc_cache();
    expect_hands_out(bench, from);
    if (HasFatalFailure()) return;
  }
}

TEST(MSpan, RewindInTheMiddleContinuesWhereItStopped) {
  Bench bench(130);
  bench.allocs(0) = 0xF0;
  bench.allocs(1) = ~uint64_t{0};
  bench.span.rewind_alloc_cache();
  for (int i = 0; i < 10; ++i) bench.span.next_free();
  bench.span.rewind_alloc_cache();
  expect_hands_out(bench, bench.span.freeindex.peek());
}

TEST(MSpan, BitsBeyondTheLastSlotAreNeverHandedOut) {
  for (uint32_t nelems : {1u, 3u, 63u, 64u, 65u, 127u, 128u, 1024u}) {
    Bench bench(nelems);
    expect_hands_out(bench, 0);
  }
}

TEST(MSpan, AddressAndSlotDetermineEachOther) {
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) {
    MSpan span;
    span.span_class = SpanClass(c, false);
    span.base = 0xC000000000;
    span.elem_size = class_size(c);
    span.nelems = class_objects(c);
    span.magic = class_magic(c);
    for (uint32_t slot = 0; slot < span.nelems; ++slot) {
      ASSERT_EQ(span.slot_of(span.slot_address(slot)), slot);
      ASSERT_EQ(span.slot_of(span.slot_address(slot) + span.elem_size - 1), slot);
    }
  }
}

}  // namespace
}  // namespace sweepscope::engine
