// Reservations: alignment, hints in use, errno values, and the contents of decommitted pages.
#include "engine/memory/os_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "engine/memory/os_array.h"

namespace sweepscope::engine {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

bool all_zero(const std::byte* from, size_t bytes) {
  return std::all_of(from, from + bytes, [](std::byte b) { return b == std::byte{0}; });
}

// Mapped pages of this process, from /proc/self/statm.
size_t mapped_pages() {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages;
}

TEST(Reservation, HasTheRequestedAlignment) {
  for (size_t alignment = 4096; alignment <= 64 * kMiB; alignment *= 2) {
    const Reservation memory = Reservation::reserve(3 * 4096, alignment, Protection::kReadWrite);
    ASSERT_TRUE(memory) << describe_errno(memory.error());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.base()) % alignment, 0u);
    EXPECT_EQ(memory.bytes(), 3u * 4096);
    EXPECT_TRUE(all_zero(memory.base(), memory.bytes()));
  }
}

TEST(Reservation, UnmapsThePaddingForAlignment) {
  // The next mapping is misaligned, most likely.
  const Reservation first = Reservation::reserve(4096, 4096, Protection::kNone);
  const size_t before = mapped_pages();
  {
    const Reservation memory = Reservation::reserve(kMiB, 256 * kMiB, Protection::kNone);
    ASSERT_TRUE(memory);
    EXPECT_LT(mapped_pages() - before, 4 * kMiB / 4096);
  }
  EXPECT_LT(mapped_pages() - before, 2 * kMiB / 4096);
}

TEST(Reservation, IgnoresAHintThatIsInUse) {
  // A mapping lies in the middle of the range that the second reservation prefers.
  const Reservation spot = Reservation::reserve(8 * kMiB, kMiB, Protection::kNone);
  ASSERT_TRUE(spot);
  const uintptr_t hint = reinterpret_cast<uintptr_t>(spot.base()) - 2 * kMiB;
  const Reservation memory = Reservation::reserve(4 * kMiB, kMiB, Protection::kReadWrite, hint);
  ASSERT_TRUE(memory) << describe_errno(memory.error());
  EXPECT_NE(reinterpret_cast<uintptr_t>(memory.base()), hint);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.base()) % kMiB, 0u);
  const bool apart =
      memory.base() + memory.bytes() <= spot.base() || spot.base() + spot.bytes() <= memory.base();
  EXPECT_TRUE(apart);
}

TEST(Reservation, ReportsErrnoWhenTheSystemRefuses) {
  const Reservation memory = Reservation::reserve(size_t{1} << 50, 4096, Protection::kNone);
  EXPECT_FALSE(memory);
  EXPECT_EQ(memory.error(), ENOMEM);
  EXPECT_EQ(Reservation::reserve(0, 4096, Protection::kNone).error(), EINVAL);
  EXPECT_EQ(Reservation::reserve(SIZE_MAX, 4096, Protection::kNone).error(), ENOMEM);
  EXPECT_EQ(OsArray<uint64_t>(SIZE_MAX).error(), ENOMEM);
}

TEST(Reservation, MoveTransfersTheMemory) {
  Reservation memory = Reservation::reserve(4096, 4096, Protection::kReadWrite);
  std::byte* const base = memory.base();
  Reservation other = std::move(memory);
  EXPECT_FALSE(memory);  // NOLINT: tests that a moved-from reservation holds nothing
  EXPECT_EQ(other.base(), base);
  memory = std::move(other);
  EXPECT_EQ(memory.base(), base);
  base[0] = std::byte{1};
}

TEST(OsMemory, DecommittedPagesReadAsZeroAndStayUsable) {
  const Reservation memory = Reservation::reserve(4 * kMiB, 2 * kMiB, Protection::kNone);
  ASSERT_TRUE(memory);
  ASSERT_EQ(commit(memory.base(), memory.bytes()), 0);
  std::memset(memory.base(), 0xA5, memory.bytes());
  ASSERT_EQ(decommit(memory.base() + kMiB, kMiB), 0);
  EXPECT_EQ(memory.base()[kMiB - 1], std::byte{0xA5});
  EXPECT_TRUE(all_zero(memory.base() + kMiB, kMiB));
  EXPECT_EQ(memory.base()[2 * kMiB], std::byte{0xA5});
  memory.base()[kMiB] = std::byte{1};
}

TEST(OsMemory, ReturnsErrorsAsErrno) {
  const Reservation memory = Reservation::reserve(kMiB, 4096, Protection::kReadWrite);
  EXPECT_EQ(decommit(memory.base() + 1, 4096), EINVAL);
  EXPECT_EQ(commit(memory.base() + 1, 4096), EINVAL);
  EXPECT_FALSE(describe_errno(ENOMEM).empty());
}

TEST(OsMemory, HugePageAdviceSucceedsOrReturnsErrno) {
  const Reservation memory = Reservation::reserve(4 * kMiB, 2 * kMiB, Protection::kReadWrite);
  EXPECT_EQ(advise_huge_pages(memory.base(), memory.bytes(), HugePages::kSystem), 0);
  for (const HugePages choice : {HugePages::kAlways, HugePages::kNever}) {
    const int error = advise_huge_pages(memory.base(), memory.bytes(), choice);
    EXPECT_TRUE(error == 0 || error == EINVAL) << describe_errno(error);
  }
}

}  // namespace
}  // namespace sweepscope::engine
