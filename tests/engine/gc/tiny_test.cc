// The tiny allocator: pointer-free objects below 16 bytes share blocks of 16.
#include <gtest/gtest.h>

#include <set>

#include "tests/engine/support/sched_bench.h"

namespace sweepscope::engine {
namespace {

uintptr_t tiny(Mutator& m, size_t bytes) { return reinterpret_cast<uintptr_t>(make_bytes(m, bytes)); }

struct TinyTest : ::testing::Test {
  WhiteBox box;
  Mutator mutator{box.m(), box.runtime()};
};

// Go's TestTinyAlloc: sixteen objects of one byte do not take sixteen blocks.
TEST_F(TinyTest, SixteenBytesDoNotTakeSixteenBlocks) {
  std::set<uintptr_t> blocks;
  for (int i = 0; i < 16; ++i) blocks.insert(tiny(mutator, 1) / 16);
  EXPECT_EQ(blocks.size(), 1u);
}

TEST_F(TinyTest, LowBitsOfTheSizeGiveTheAlignment) {
  for (size_t bytes = 1; bytes < 16; ++bytes) {
    const uintptr_t alignment = bytes % 8 == 0 ? 8 : bytes % 4 == 0 ? 4 : bytes % 2 == 0 ? 2 : 1;
    for (int i = 0; i < 20; ++i) {
      tiny(mutator, 1);
      EXPECT_EQ(tiny(mutator, bytes) % alignment, 0u) << bytes;
    }
  }
}

TEST_F(TinyTest, ObjectsOfABlockDoNotOverlapAndAreZero) {
  std::set<uintptr_t> bytes_taken;
  for (size_t i = 0; i < 2000; ++i) {
    const size_t bytes = 1 + i * 7 % 15;
    std::byte* object = make_bytes(mutator, bytes);
    for (size_t b = 0; b < bytes; ++b) {
      ASSERT_EQ(object[b], std::byte{0});
      ASSERT_TRUE(bytes_taken.insert(reinterpret_cast<uintptr_t>(object + b)).second);
      object[b] = std::byte{0xAA};
    }
  }
}

TEST_F(TinyTest, BlockWithMoreRoomStays) {
  const uintptr_t small = tiny(mutator, 4);
  const uintptr_t large = tiny(mutator, 15);  // does not fit; its own block has less room left
  EXPECT_NE(small / 16, large / 16);
  EXPECT_EQ(tiny(mutator, 4), small + 4);
}

TEST_F(TinyTest, ObjectsWithReferencesOrOfSixteenBytesGetSlotsOfTheirOwn) {
  tiny(mutator, 1);
  const uintptr_t before = box.cache().tiny_offset;
  allocate(mutator, 8, 1);
  tiny(mutator, 16);
  EXPECT_EQ(box.cache().tiny_offset, before);
  EXPECT_EQ(box.cache().cached, 2u);  // of 16 bytes without references, and of 8 with
}

TEST_F(TinyTest, CarvedObjectsCountAsAllocatedAndFreed) {
  for (int i = 0; i < 8; ++i) tiny(mutator, 4);  // two blocks
  box.sched().release_p(box.m(), observe::PStatus::kIdle);
  box.sched().permits.give(box.m());
  const EngineStats stats = box.engine->stats();
  box.sched().acquire_p(box.m());
  EXPECT_EQ(stats.alloc_objects, 8u);
  EXPECT_EQ(stats.freed_objects, 6u);
  EXPECT_EQ(stats.alloc_bytes, 2u * 16);
}

TEST_F(TinyTest, ReleaseDropsTheBlock) {
  const uintptr_t before = tiny(mutator, 4);
  box.release();
  EXPECT_EQ(box.cache().tiny, 0u);
  EXPECT_NE(tiny(mutator, 4) / 16, before / 16);
}

// Under every policy the current block is a root. Objects carved from it before the collection are dead;
// without the root, those carved afterwards would be lost.
TEST(TinyBlocks, SurviveACollectionWhileTheyAreInUse) {
  for (const std::string& policy : flush_policy_names()) {
    EngineOptions options = quiet_options(2);
    options.flush_policy = policy;
    options.verify = true;
    Engine::Created made = Engine::create(options);
    made.engine->start_mutator("carves", [&](Mutator& m) {
      make_bytes(m, 4);
      m.collect();
      EXPECT_EQ(m.m().mcache->tiny, 0u) << policy;  // and every flush drops it
      Local<std::byte> kept(m, make_bytes(m, 3));
      *kept = std::byte{7};
      m.collect();
      EXPECT_EQ(*kept, std::byte{7}) << policy;
    });
    made.engine->join_mutators();
    EXPECT_EQ(made.engine->stats().per_cycle.at(0).marked_objects, 1u) << policy;
  }
}

TEST(TinyBlocks, OfEveryPAreRoots) {
  WhiteBox box(quiet_options(4));
  Mutator mutator(box.m(), box.runtime());
  for (uint32_t p = 0; p < 4; ++p) {
    mutator.move_to_p(p);
    tiny(mutator, 4);
  }
  mutator.collect();
  EXPECT_EQ(box.runtime().collector().records().back().marked_objects, 4u);
}

TEST(TinyBlocks, CanBeSwitchedOff) {
  EngineOptions options = quiet_options();
  options.tiny_blocks = false;
  WhiteBox box(options);
  Mutator mutator(box.m(), box.runtime());
  EXPECT_NE(tiny(mutator, 1) / 8, tiny(mutator, 1) / 8);
  EXPECT_EQ(box.cache().tiny, 0u);
}

}  // namespace
}  // namespace sweepscope::engine
