#include "telemetry/ring/chunk_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace sweepscope::telemetry {
namespace {

struct Record {
  uint64_t words[4];
};
using Pool = ChunkPool<Record>;

TEST(ChunkPool, GivesChunksOf64KiBUpToTheCap) {
  Pool pool(3 * kChunkBytes);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pool.take(LossPolicy::kDrop).size_bytes(), kChunkBytes);
  EXPECT_TRUE(pool.take(LossPolicy::kDrop).empty());
  EXPECT_EQ(pool.allocated(), 3u);
}

TEST(ChunkPool, AllocatesOnlyWhenNeeded) {
  Pool pool;
  for (int i = 0; i < 100; ++i) pool.give_back(pool.take(LossPolicy::kDrop));
  EXPECT_EQ(pool.allocated(), 1u);
}

TEST(ChunkPool, TakesTheChunkGivenBackLast) {
  Pool pool(2 * kChunkBytes);
  const auto a = pool.take(LossPolicy::kDrop), b = pool.take(LossPolicy::kDrop);
  pool.give_back(b);
  pool.give_back(a);
  EXPECT_EQ(pool.take(LossPolicy::kDrop).data(), a.data());
}

TEST(ChunkPool, BlockingTakeWaitsWhileThePoolIsEmpty) {
  Pool pool(kChunkBytes);
  const auto only = pool.take(LossPolicy::kBlock);
  only[0].words[0] = 1;
  std::thread taker([&] {
    const auto chunk = pool.take(LossPolicy::kBlock);
    EXPECT_EQ(chunk.data(), only.data());
    EXPECT_EQ(chunk[0].words[0], 2u);  // it was given back first
  });
  only[0].words[0] = 2;
  pool.give_back(only);
  taker.join();
}

TEST(ChunkPool, StopWaitingWakesBlockedTakers) {
  Pool pool(kChunkBytes);
  (void)pool.take(LossPolicy::kBlock);
  std::thread taker([&] { EXPECT_TRUE(pool.take(LossPolicy::kBlock).empty()); });
  pool.stop_waiting();
  taker.join();
}

}  // namespace
}  // namespace sweepscope::telemetry
