// The thread that touches new memory ahead of the program (engine/gc/prefaulter.h): which pages, that it does, and that
// the program does not see it.
#include "engine/gc/prefaulter.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <thread>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

constexpr uint32_t kPiece = Prefaulter::kPiece;

TEST(Prefaulter, NextPieceLiesBehindWhatIsUsedAndInsideWhatIsGrown) {
  struct Row {
    const char* what;
    uint32_t from, used_end, grown_end;
    PageRange piece;
  };
  for (const Row& row : {
           Row{"nothing is used", 0, 0, 99 * kPiece, {kPiece, 0}},
           Row{"too small a heap for a piece", 0, 63 * kPiece, 99 * kPiece, {64 * kPiece, 0}},
           Row{"a piece, behind the one that the program begins next",
               0,
               64 * kPiece,
               99 * kPiece,
               {65 * kPiece, kPiece}},
           Row{"the piece that the program has begun is its own",
               0,
               64 * kPiece + 1,
               99 * kPiece,
               {65 * kPiece, kPiece}},
           Row{"done already", 66 * kPiece, 64 * kPiece, 99 * kPiece, {66 * kPiece, 0}},
           Row{"the program was faster", 33 * kPiece, 64 * kPiece, 99 * kPiece, {65 * kPiece, kPiece}},
           Row{"the heap has not grown", 0, 64 * kPiece, 66 * kPiece - 1, {65 * kPiece, 0}},
           Row{"16 MiB at most", 1007 * kPiece, 1000 * kPiece, 9999 * kPiece, {1007 * kPiece, kPiece}},
           Row{"and not more", 1008 * kPiece, 1000 * kPiece, 9999 * kPiece, {1008 * kPiece, 0}},
       }) {
    SCOPED_TRACE(row.what);
    const PageRange piece = Prefaulter::next_piece(row.from, row.used_end, row.grown_end);
    EXPECT_EQ(piece.first, row.piece.first);
    EXPECT_EQ(piece.pages, row.piece.pages);
  }
}

struct Block {
  static constexpr size_t kRefs = 0;
  uint64_t words[512];
};

// Whether the system has given memory to the page.
bool resident(uintptr_t address) {
  unsigned char state = 0;
  return mincore(reinterpret_cast<void*>(address & ~uintptr_t{4095}), 4096, &state) == 0 && (state & 1) != 0;
}

// A heap of 160 MiB, whose objects hold their numbers: two pieces are populated ahead.
struct GrownHeap {
  explicit GrownHeap(bool prefault) : box(options(prefault)) {
    constexpr uint64_t kObjects = (uint64_t{160} << 20) / sizeof(Block);
    for (uint64_t i = 0; i < kObjects; ++i) {
      Block* const block = make<Block>(mutator);
      zero = zero && block->words[0] == 0 && block->words[511] == 0;
      block->words[0] = block->words[511] = i + 1;
    }
  }
  static EngineOptions options(bool prefault) {
    EngineOptions options = quiet_options(1);
    options.huge_pages = true;
    options.arena_bytes = uint64_t{64} << 20;
    options.prefault = prefault;
    return options;
  }
  MHeap& heap() { return box.runtime().heap(); }
  // First address of the piece behind what is in use.
  uintptr_t behind() { return heap().memory().address_of((heap().used_end() / kPiece + 1) * kPiece); }

  WhiteBox box;
  Mutator mutator{box.m(), box.runtime()};
  bool zero = true;
};

TEST(Prefaulter, MemoryBehindTheHeapBecomesResident) {
  GrownHeap grown(true);
  EXPECT_TRUE(grown.zero);
  if (!grown.heap().memory().populate({0, 1})) GTEST_SKIP() << "this system does not populate memory";
  // Ends when the thread has done its work; a hang is a failure.
  while (!resident(grown.behind())) std::this_thread::yield();
}

TEST(Prefaulter, OffLeavesTheMemoryToTheProgram) {
  GrownHeap grown(false);
  EXPECT_TRUE(grown.zero);
  EXPECT_FALSE(resident(grown.behind()));
}

}  // namespace
}  // namespace sweepscope::engine
