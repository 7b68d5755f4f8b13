// The heap's address space: growth by arenas, address and page arithmetic, the side areas, and limits.
#include "engine/memory/heap_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstring>

namespace sweepscope::engine {
namespace {

constexpr size_t kKiB = size_t{1} << 10;
constexpr size_t kMiB = size_t{1} << 20;

HeapMemoryOptions small_heap() { return {.max_bytes = 4 * kMiB, .arena_bytes = 128 * kKiB}; }

HeapMemory make(const HeapMemoryOptions& options) {
  std::string error;
  std::optional<HeapMemory> heap = HeapMemory::create(options, error);
  if (!heap) ADD_FAILURE() << error;
  return std::move(heap).value();
}

TEST(HeapMemory, DefaultHeapReserves64GiBAndGrowsBy64MiB) {
  HeapMemory heap = make({});
  EXPECT_EQ(heap.max_pages(), (size_t{64} << 30) / kPageSize);
  EXPECT_EQ(heap.base() % (64 * kMiB), 0u);
  EXPECT_EQ(heap.grown_pages(), 0u);
  const std::optional<PageRange> range = heap.grow(1);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 0u);
  EXPECT_EQ(range->pages, 64 * kMiB / kPageSize);
}

TEST(HeapMemory, GrowsByWholeContiguousArenas) {
  HeapMemory heap = make(small_heap());
  const uint32_t arena = 128 * kKiB / kPageSize;
  EXPECT_EQ(heap.grow(1)->pages, arena);
  const std::optional<PageRange> two = heap.grow(arena + 1);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->first, arena);
  EXPECT_EQ(two->pages, 2 * arena);
  EXPECT_EQ(heap.grown_pages(), 3 * arena);
  std::memset(reinterpret_cast<void*>(heap.address_of(0)), 0xFF, heap.grown_pages() * kPageSize);
}

TEST(HeapMemory, StopsGrowingAtItsLimitAndKeepsWhatItHas) {
  HeapMemory heap = make(small_heap());
  EXPECT_FALSE(heap.grow(0));
  EXPECT_FALSE(heap.grow(heap.max_pages() + 1));
  EXPECT_FALSE(heap.grow(UINT32_MAX));
  EXPECT_EQ(heap.grown_pages(), 0u);
  EXPECT_TRUE(heap.grow(heap.max_pages()));
  EXPECT_EQ(heap.grown_pages(), heap.max_pages());
  EXPECT_FALSE(heap.grow(1));
  *reinterpret_cast<char*>(heap.address_of(heap.max_pages()) - 1) = 1;
}

TEST(HeapMemory, PageAndAddressConvertBothWays) {
  const HeapMemory heap = make(small_heap());
  for (uint32_t page = 0; page < heap.max_pages(); ++page) {
    ASSERT_EQ(heap.page_of(heap.address_of(page)), page);
    ASSERT_EQ(heap.page_of(heap.address_of(page) + kPageSize - 1), page);
  }
}

TEST(HeapMemory, ContainsItsReservationAndNothingElse) {
  const HeapMemory heap = make(small_heap());
  EXPECT_TRUE(heap.contains(heap.base()));
  EXPECT_TRUE(heap.contains(heap.base() + 4 * kMiB - 1));
  EXPECT_FALSE(heap.contains(heap.base() + 4 * kMiB));
  EXPECT_FALSE(heap.contains(heap.base() - 1));
  EXPECT_FALSE(heap.contains(uintptr_t{0}));
  EXPECT_FALSE(heap.contains(UINTPTR_MAX));
  EXPECT_FALSE(heap.contains(&heap));
}

TEST(HeapMemory, SideAreasArePerPageContiguousDisjointAndZero) {
  const HeapMemory heap = make(small_heap());
  const uint32_t words = HeapMemory::kAreaWordsPerPage;
  EXPECT_EQ(words * 64 * 8, kPageSize);  // one bit for each word of the page
  for (uint32_t page = 0; page < heap.max_pages(); ++page) {
    EXPECT_EQ(heap.pointer_bits(page), heap.pointer_bits(0) + page * words);
    for (unsigned table : {0u, 1u})  // of a span of many pages the areas of its pages are one
      EXPECT_EQ(&heap.object_bits(page).word(table, 0),
                &heap.object_bits(0).word(table, static_cast<uint32_t>(page * words)));
    EXPECT_EQ(heap.span_slot(page)->load(std::memory_order_relaxed), nullptr);
    for (uint32_t i = 0; i < words; ++i) {
      const ObjectBits bits = heap.object_bits(page);
      ASSERT_EQ(heap.pointer_bits(page)[i] | bits.word(0, i) | bits.word(1, i), 0u);
      heap.pointer_bits(page)[i] = 1;
      bits.word(0, i) = 2;
      bits.word(1, i) = 3;
    }
  }
  const uint32_t last = heap.max_pages() - 1;
  EXPECT_EQ(heap.pointer_bits(last)[words - 1], 1u);
  EXPECT_EQ(heap.object_bits(last).word(0, words - 1), 2u);
  EXPECT_EQ(heap.object_bits(last).word(1, words - 1), 3u);
}

TEST(ObjectBits, BothTablesOf256ObjectsShareACacheLine) {
  const HeapMemory heap = make(small_heap());
  const auto line = [](const uint64_t& word) { return reinterpret_cast<uintptr_t>(&word) / 64; };
  for (uint32_t page = 0; page < heap.max_pages(); ++page) {
    const ObjectBits bits = heap.object_bits(page);
    for (uint32_t word = 0; word < HeapMemory::kAreaWordsPerPage; ++word)
      for (unsigned table : {0u, 1u})
        ASSERT_EQ(line(bits.word(table, word)), line(bits.word(0, 0)) + word / 4);
  }
}

TEST(HeapMemory, SpanMapReturnsThePublishedSpan) {
  const HeapMemory heap = make(small_heap());
  MSpan* const span = reinterpret_cast<MSpan*>(uintptr_t{0x1000});  // never dereferenced
  heap.span_slot(7)->store(span, std::memory_order_release);
  EXPECT_EQ(heap.span_slot(7)->load(std::memory_order_acquire), span);
  EXPECT_EQ(heap.span_slot(8)->load(std::memory_order_acquire), nullptr);
}

TEST(HeapMemory, DecommittedPagesReadAsZero) {
  HeapMemory heap = make(small_heap());
  ASSERT_TRUE(heap.grow(1));
  char* const bytes = reinterpret_cast<char*>(heap.address_of(0));
  std::memset(bytes, 1, 3 * kPageSize);
  ASSERT_TRUE(heap.decommit({1, 1}));
  EXPECT_EQ(bytes[kPageSize - 1], 1);
  EXPECT_EQ(bytes[kPageSize], 0);
  EXPECT_EQ(bytes[2 * kPageSize - 1], 0);
  EXPECT_EQ(bytes[2 * kPageSize], 1);
}

TEST(HeapMemory, TwoHeapsWithOneHintDoNotOverlap) {
  HeapMemory first = make(small_heap());
  HeapMemory second = make(small_heap());
  EXPECT_FALSE(first.contains(second.base()));
  EXPECT_FALSE(second.contains(first.base()));
  ASSERT_TRUE(first.grow(1) && second.grow(1));
  *reinterpret_cast<char*>(first.base()) = 1;
  EXPECT_EQ(*reinterpret_cast<char*>(second.base()), 0);
}

TEST(HeapMemory, RunsWithEveryHugePageChoice) {
  for (const HugePages choice : {HugePages::kSystem, HugePages::kAlways, HugePages::kNever}) {
    HeapMemoryOptions options = small_heap();
    options.huge_pages = choice;
    HeapMemory heap = make(options);
    ASSERT_TRUE(heap.grow(heap.max_pages()));
    std::memset(reinterpret_cast<void*>(heap.base()), 1, 4 * kMiB);
  }
}

TEST(HeapMemory, InvalidOptionsGiveAnErrorMessage) {
  const HeapMemoryOptions bad[] = {
      {.max_bytes = 0},
      {.max_bytes = 65 * kMiB},
      {.max_bytes = 4 * kMiB, .arena_bytes = 0},
      {.max_bytes = 4 * kMiB, .arena_bytes = 4 * kKiB},
      {.max_bytes = 3 * 192 * kKiB, .arena_bytes = 192 * kKiB},
      {.max_bytes = SIZE_MAX & ~(64 * kMiB - 1)},
  };
  for (const HeapMemoryOptions& options : bad) {
    std::string error;
    EXPECT_FALSE(HeapMemory::create(options, error));
    EXPECT_FALSE(error.empty()) << options.max_bytes << " / " << options.arena_bytes;
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
}

TEST(HeapMemory, HeapBeyondTheAddressSpaceLimitGivesAnError) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers map terabytes of shadow, so no limit on the address space can be set";
#endif
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = size_t{8} << 30;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  std::string too_big;
  std::string fits;
  std::string bitmaps;
  const bool made_too_big = HeapMemory::create({}, too_big).has_value();
  const bool made_fits = HeapMemory::create({.max_bytes = size_t{1} << 30}, fits).has_value();
  // 7.75 GiB of arenas fit into the limit, but their side areas do not.
  const bool made_bitmaps = HeapMemory::create({.max_bytes = size_t{31} << 28}, bitmaps).has_value();
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);

  EXPECT_FALSE(made_too_big);
  EXPECT_NE(too_big.find("65536 MiB"), std::string::npos) << too_big;
  EXPECT_TRUE(made_fits) << fits;
  EXPECT_FALSE(made_bitmaps);
  EXPECT_FALSE(bitmaps.empty());
}

}  // namespace
}  // namespace sweepscope::engine
