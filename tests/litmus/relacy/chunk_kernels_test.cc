// The cycle of a chunk of events: the engine's thread fills it and hands it over, the drain thread reads it and gives
// it back to the pool, the engine's thread fills it again. Ordered by two locks only.
#include "tests/litmus/relacy/kernel.h"

namespace sweepscope::relacy {
namespace {

enum class Locks { kBoth, kNotQueue };  // which accesses are under their lock
enum class GiveBack { kAfterReading, kBeforeReading };

// mirrors telemetry/ring/hand_over_queue.h: std::lock_guard lock(mutex_); stamp(item); items_.push_back(std::move(item));
// mirrors telemetry/ring/hand_over_queue.h: std::unique_lock lock(mutex_); ready_.wait_for(
// mirrors telemetry/ring/hand_over_queue.h: items_.swap(out);
// mirrors telemetry/ring/chunk_pool.h: std::lock_guard lock(mutex_); free_.push_back(chunk);
template <Locks kLocks, GiveBack kGiveBack>
struct ChunkHandOver : rl::test_suite<ChunkHandOver<kLocks, kGiveBack>, 2> {
  rl::mutex queue_lock, pool_lock;
  rl::var<int> waiting;  // items_: chunks in the queue
  rl::var<int> pooled;     // free_: chunks in the pool
  rl::var<int> record;   // of the one chunk

  void before() {
    waiting($) = 0;
    pooled($) = 1;
    record($) = 0;
  }
  bool take_chunk() {
    pool_lock.lock($);
    const bool got = pooled($) == 1;
    if (got) pooled($) = 0;
    pool_lock.unlock($);
    return got;
  }
  void give_back() {
    pool_lock.lock($);
    pooled($) = 1;
    pool_lock.unlock($);
  }
  void push() {
    if (kLocks == Locks::kBoth) queue_lock.lock($);
    waiting($) = 1;
    if (kLocks == Locks::kBoth) queue_lock.unlock($);
  }
  bool take_all() {  // after its wait, which a timeout may end: only the state under the lock matters
    queue_lock.lock($);
    const bool got = waiting($) == 1;
    waiting($) = 0;
    queue_lock.unlock($);
    return got;
  }

  void thread(unsigned index) {
    if (index == 0) {  // Emitter: emit, seal
      for (int value = 1; value <= 2; ++value) {
        if (!take_chunk()) return;  // loss policy drop
        record($) = value;
        push();
      }
    } else {  // the drain thread
      for (int value = 1; value <= 2; ++value) {
        if (!take_all()) return;
        if (kGiveBack == GiveBack::kBeforeReading) give_back();
        RL_ASSERT(record($) == value);
        if (kGiveBack == GiveBack::kAfterReading) give_back();
      }
    }
  }
};

TEST(ChunkHandOver, LocksOrderTheRecordsBothWays) {
  EXPECT_EQ((verdict<ChunkHandOver<Locks::kBoth, GiveBack::kAfterReading>>()), rl::test_result_success);
}
TEST(ChunkHandOver, PushWithoutTheLockIsADataRace) {
  EXPECT_EQ((verdict<ChunkHandOver<Locks::kNotQueue, GiveBack::kAfterReading>>()), rl::test_result_data_race);
}
TEST(ChunkHandOver, GivingAChunkBackBeforeItIsReadIsADataRace) {
  EXPECT_EQ((verdict<ChunkHandOver<Locks::kBoth, GiveBack::kBeforeReading>>()), rl::test_result_data_race);
}

}  // namespace
}  // namespace sweepscope::relacy
