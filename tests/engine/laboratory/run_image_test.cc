// The memory of a run: restoring a copy undoes all writes since.
#include "engine/laboratory/seam/run_image.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>

namespace sweepscope::laboratory {
namespace {

TEST(RunImage, RestoresWhatWasCopied) {
  RunImage image;
  image.begin_run();
  auto* const table = reinterpret_cast<uint64_t*>(image.lend(8192, 64));
  auto* const heap = reinterpret_cast<uint64_t*>(image.lend(65536, 65536));
  table[3] = 3;
  RunImage::Copy base, later;
  image.save(base);
  table[3] = 4;    // a line that the base has
  heap[5000] = 5;  // a page not yet written
  image.save(later);
  EXPECT_EQ(later.contents.size(), 2u);
  table[1000] = 6;  // a line that neither copy has
  heap[5000] = 7;
  auto* const block = static_cast<uint64_t*>(image.allocate(20'000, 16));
  block[2000] = 8;  // allocated after both
  image.restore(later);
  EXPECT_EQ(table[3], 4u);
  EXPECT_EQ(heap[5000], 5u);
  EXPECT_EQ(table[1000], 0u);
  EXPECT_EQ(block[2000], 0u);
  EXPECT_EQ(image.allocate(20'000, 16), block);
  image.restore(base);
  EXPECT_EQ(table[3], 3u);
  EXPECT_EQ(heap[5000], 0u);
  image.restore(later);
  EXPECT_EQ(table[3], 4u);
  EXPECT_EQ(heap[5000], 5u);
}

TEST(RunImage, IsEmptyForTheNextRun) {
  RunImage image;
  image.begin_run();
  std::byte* const first = image.lend(8192, 64);
  RunImage::Copy base;
  image.save(base);
  std::memset(first, 1, 8192);
  image.begin_run();
  std::byte* const again = image.lend(8192, 64);
  EXPECT_EQ(again, first);
  for (size_t i = 0; i < 8192; ++i) ASSERT_EQ(again[i], std::byte{0});
  again[0] = std::byte{2};
  image.save(base);
  EXPECT_TRUE(base.contents.empty());  // its first copy is the base again
}

TEST(RunImageDeathTest, ACopyOfAnotherRunIsRefused) {
  RunImage image;
  image.begin_run();
  ASSERT_NE(image.lend(8192, 64), nullptr);
  RunImage::Copy base;
  image.save(base);
  image.begin_run();
  EXPECT_DEATH(image.restore(base), "restore of a copy of another run");
}

TEST(RunImageDeathTest, AFaultOutsideTheBlockEndsTheProcess) {
  RunImage image;
  image.begin_run();
  ASSERT_NE(image.lend(8192, 64), nullptr);
  RunImage::Copy base;
  image.save(base);
  volatile uintptr_t elsewhere = 64;  // volatile: the compiler would see the invalid address
  EXPECT_EXIT(*reinterpret_cast<volatile int*>(elsewhere) = 1, testing::KilledBySignal(SIGSEGV), "");
}

}  // namespace
}  // namespace sweepscope::laboratory
