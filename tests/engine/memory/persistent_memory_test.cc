// PersistentMemory: pieces that do not overlap, are aligned and zero, from as few chunks as they need.
#include "engine/memory/persistent_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

constexpr size_t kChunk = PersistentMemory::kChunkBytes;

TEST(PersistentMemory, PiecesAreZeroAlignedAndApart) {
  const uint64_t seed = testing::seed_or(61);
  SWEEPSCOPE_TRACE_SEED(seed);
  std::mt19937_64 random(seed);
  const auto below = [&random](uint64_t n) { return random() % n; };
  PersistentMemory memory;
  std::vector<std::pair<std::byte*, size_t>> pieces;
  for (int i = 0; i < 2000; ++i) {
    // Up to twice a chunk, most of them short.
    const size_t bytes = 1 + below(i % 50 == 0 ? 2 * kChunk : 300), alignment = size_t{1} << below(7);
    std::byte* const piece = memory.take(bytes, alignment);
    ASSERT_NE(piece, nullptr);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(piece) % alignment, 0u);
    ASSERT_TRUE(std::all_of(piece, piece + bytes, [](std::byte b) { return b == std::byte{0}; })) << i;
    std::memset(piece, 1 + i % 255, bytes);
    pieces.emplace_back(piece, bytes);
  }
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto [piece, bytes] = pieces[i];
    const auto own = static_cast<std::byte>(1 + i % 255);
    ASSERT_TRUE(std::all_of(piece, piece + bytes, [own](std::byte b) { return b == own; })) << i;
  }
}

TEST(PersistentMemory, ShortPiecesShareAChunk) {
  PersistentMemory memory;
  std::byte* const first = memory.take(100, 8);
  std::byte* const second = memory.take(100, 64);
  EXPECT_GE(second, first + 100);
  EXPECT_LT(second, first + 164);
}

TEST(PersistentMemory, ReturnsNullForWhatTheSystemHasNot) {
  PersistentMemory memory;
  EXPECT_EQ(memory.take(SIZE_MAX - 10, 8), nullptr);
  EXPECT_EQ(memory.take(size_t{1} << 60, 8), nullptr);
  EXPECT_NE(memory.take(8, 8), nullptr);
}

}  // namespace
}  // namespace sweepscope::engine
