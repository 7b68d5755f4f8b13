// The ranked lock: mutual exclusion of threads, and the order of ranks.
#include "engine/base/lock.h"

#include <gtest/gtest.h>

#include <bit>
#include <thread>
#include <vector>

namespace sweepscope::engine {
namespace {

// Throws the code of a failed check: base/ has no engine to dump.
struct CheckFailed {
  FatalCode code;
};
class Thrower final : public Fatal {
 public:
  [[noreturn]] void fail(Context&, FatalCode code, std::span<const Operand>) override {
    throw CheckFailed{code};
  }
};

struct LockTest : ::testing::Test {
  Thrower thrower;
  Context context{.fatal = &thrower, .id = 1};

  // The code of the check that `f` fails, kCount if none.
  template <class F>
  static FatalCode failed(F f) {
    try {
      f();
    } catch (const CheckFailed& e) {
      return e.code;
    }
    return FatalCode::kCount;
  }
};

TEST_F(LockTest, ExcludesOtherThreads) {
  constexpr uint64_t kThreads = 4, kRounds = 20000;
  Lock lock(Rank::kLeaf, Word::kOther);
  // plain: lost increments reveal a broken lock; ThreadSanitizer reports a missing happens-before edge
  uint64_t counter = 0;
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Context mine{.fatal = &thrower, .id = t};
      for (uint64_t i = 0; i < kRounds; ++i) {
        const Guard guard(mine, lock, "test: lock");
        counter = counter + 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, kThreads * kRounds);
  EXPECT_FALSE(lock.held());
}

TEST_F(LockTest, TryLockFailsWhileHeldWithoutSideEffects) {
  Lock lock(Rank::kLeaf, Word::kOther);
  Context other{.fatal = &thrower, .id = 2};
  ASSERT_TRUE(lock.try_lock(context, "test: try"));
  EXPECT_TRUE(lock.held());
  EXPECT_FALSE(lock.try_lock(other, "test: try"));
  EXPECT_EQ(other.held_ranks, 0u);
  lock.unlock(context, "test: unlock");
  EXPECT_FALSE(lock.held());
  EXPECT_TRUE(lock.try_lock(other, "test: try"));
  lock.unlock(other, "test: unlock");
}

TEST_F(LockTest, AscendingRanksAreAccepted) {
  Lock low(Rank::kSched, Word::kSchedLock), middle(Rank::kMCentral, Word::kListLock),
      high(Rank::kMHeap, Word::kHeapLock);
  const Guard a(context, low, "test: low");
  const Guard b(context, middle, "test: middle");
  const Guard c(context, high, "test: high");
  EXPECT_EQ(std::popcount(context.held_ranks), 3);
}

TEST_F(LockTest, DescendingRankIsFatal) {
  Lock low(Rank::kSched, Word::kSchedLock), high(Rank::kMHeap, Word::kHeapLock);
  const Guard guard(context, high, "test: high");
  EXPECT_EQ(failed([&] { low.lock(context, "test: low"); }), FatalCode::kLockRank);
}

TEST_F(LockTest, SecondLockOfOneRankIsFatal) {
  Lock one(Rank::kMCentral, Word::kListLock, 1), two(Rank::kMCentral, Word::kListLock, 2);
  const Guard guard(context, one, "test: one");
  EXPECT_EQ(failed([&] { two.lock(context, "test: two"); }), FatalCode::kLockRank);
  EXPECT_EQ(failed([&] { two.unlock(context, "test: undo"); }), FatalCode::kCount);
}

TEST_F(LockTest, TryLockChecksTheRank) {
  Lock low(Rank::kWorldSema, Word::kWorldSema), high(Rank::kMHeap, Word::kHeapLock);
  const Guard guard(context, high, "test: high");
  EXPECT_EQ(failed([&] { low.try_lock(context, "test: low"); }), FatalCode::kLockRank);
}

TEST_F(LockTest, ReleasedRankMayBeTakenAgain) {
  Lock lock(Rank::kSched, Word::kSchedLock);
  for (int i = 0; i < 3; ++i) {
    const Guard guard(context, lock, "test: again");
    EXPECT_NE(context.held_ranks, 0u);
  }
  EXPECT_EQ(context.held_ranks, 0u);
}

TEST(NonPreemptible, NestsAndEnds) {
  Context context;
  {
    const NonPreemptible outer(context);
    {
      const NonPreemptible inner(context);
      EXPECT_EQ(context.non_preemptible, 2u);
    }
    EXPECT_EQ(context.non_preemptible, 1u);
  }
  EXPECT_EQ(context.non_preemptible, 0u);
}

}  // namespace
}  // namespace sweepscope::engine
