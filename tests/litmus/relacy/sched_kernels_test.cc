// Waiting without losing a wake-up, and the world word as the lock that a stop of the world is.
#include "tests/litmus/relacy/kernel.h"

namespace sweepscope::relacy {
namespace {

// Announce, then check, against change, then check for sleepers. Each side has a seq_cst fence between its write and its
// read; without either, both may read the old value: the waiter sleeps and no thread wakes it.
// mirrors engine/base/wait_point.h: sleepers_.fetch_add(1, std::memory_order_relaxed); std::atomic_thread_fence(std::memory_order_seq_cst); const bool done = ready();
// mirrors engine/base/wait_point.cc: std::atomic_thread_fence(std::memory_order_seq_cst); if (sleepers_.load(std::memory_order_relaxed) == 0) return;
template <rl::memory_order kWaiter, rl::memory_order kWaker>
struct AnnounceThenCheck : rl::test_suite<AnnounceThenCheck<kWaiter, kWaker>, 2> {
  rl::atomic<unsigned> sleepers, condition;
  bool slept, no_sleeper;

  void before() {
    sleepers.store(0, rl::mo_relaxed, $);
    condition.store(0, rl::mo_relaxed, $);
    slept = no_sleeper = false;
  }
  void thread(unsigned index) {
    if (index == 0) {  // wait_until
      sleepers.fetch_add(1, rl::mo_relaxed, $);
      rl::atomic_thread_fence(kWaiter, $);
      slept = condition.load(rl::mo_relaxed, $) == 0;
    } else {  // the change, then wake
      condition.store(1, rl::mo_relaxed, $);
      rl::atomic_thread_fence(kWaker, $);
      no_sleeper = sleepers.load(rl::mo_relaxed, $) == 0;
    }
  }
  void after() { RL_ASSERT(!(slept && no_sleeper)); }
};

TEST(AnnounceThenCheck, TwoFencesLoseNoWakeUp) {
  EXPECT_EQ((verdict<AnnounceThenCheck<rl::mo_seq_cst, rl::mo_seq_cst>>()), rl::test_result_success);
}
TEST(AnnounceThenCheck, WeakerFenceOfTheWaiterLosesOne) {
  EXPECT_EQ((verdict<AnnounceThenCheck<rl::mo_acq_rel, rl::mo_seq_cst>>()),
            rl::test_result_user_assert_failed);
}
TEST(AnnounceThenCheck, WeakerFenceOfTheWakerLosesOne) {
  EXPECT_EQ((verdict<AnnounceThenCheck<rl::mo_seq_cst, rl::mo_acq_rel>>()),
            rl::test_result_user_assert_failed);
}

// The coordinator sees what every thread did before it left, and every thread that enters later sees what the
// coordinator did. `heap` stands for all data that the coordinator accesses in a stopped world.
// mirrors engine/sched/world.cc: word_.compare_exchange(seen, seen + 1, std::memory_order_acq_rel, std::memory_order_relaxed,
// mirrors engine/sched/world.cc: word_.fetch_sub(1, std::memory_order_acq_rel,
// mirrors engine/sched/world.cc: word_.fetch_or(kStop, std::memory_order_acq_rel,
// mirrors engine/sched/world.cc: word_.peek(std::memory_order_acquire) == (kStop | 1)
// mirrors engine/sched/world.cc: word_.fetch_and(~kStop, std::memory_order_acq_rel,
template <rl::memory_order kEnter, rl::memory_order kLeave, rl::memory_order kStopped, rl::memory_order kStart>
struct StopTheWorld : rl::test_suite<StopTheWorld<kEnter, kLeave, kStopped, kStart>, 2> {
  static constexpr unsigned kStop = 1u << 31;
  rl::atomic<unsigned> word;
  rl::var<int> heap;

  void before() {
    word.store(1, rl::mo_relaxed, $);  // the coordinator runs
    heap($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {  // request_stop, wait_stopped, start
      word.fetch_or(kStop, rl::mo_acq_rel, $);
      if (word.load(kStopped, $) == (kStop | 1)) heap($) = heap($) + 1;
      word.fetch_and(~kStop, kStart, $);
      return;
    }
    for (int round = 0; round < 2; ++round) {  // enter, leave
      unsigned seen = word.load(rl::mo_relaxed, $);
      if ((seen & kStop) != 0) continue;
      if (!word.compare_exchange_strong(seen, seen + 1, kEnter, $, rl::mo_relaxed, $)) continue;
      heap($) = heap($) + 1;
      word.fetch_sub(1, kLeave, $);
    }
  }
};

TEST(StopTheWorld, IsALock) {
  EXPECT_EQ((verdict<StopTheWorld<rl::mo_acq_rel, rl::mo_acq_rel, rl::mo_acquire, rl::mo_acq_rel>>()),
            rl::test_result_success);
}
TEST(StopTheWorld, LeavingWithoutReleaseIsADataRace) {
  EXPECT_EQ((verdict<StopTheWorld<rl::mo_acq_rel, rl::mo_acquire, rl::mo_acquire, rl::mo_acq_rel>>()),
            rl::test_result_data_race);
}
TEST(StopTheWorld, WaitingWithoutAcquireIsADataRace) {
  EXPECT_EQ((verdict<StopTheWorld<rl::mo_acq_rel, rl::mo_acq_rel, rl::mo_relaxed, rl::mo_acq_rel>>()),
            rl::test_result_data_race);
}
TEST(StopTheWorld, StartingWithoutReleaseIsADataRace) {
  EXPECT_EQ((verdict<StopTheWorld<rl::mo_acq_rel, rl::mo_acq_rel, rl::mo_acquire, rl::mo_acquire>>()),
            rl::test_result_data_race);
}
TEST(StopTheWorld, EnteringWithoutAcquireIsADataRace) {
  EXPECT_EQ((verdict<StopTheWorld<rl::mo_release, rl::mo_acq_rel, rl::mo_acquire, rl::mo_acq_rel>>()),
            rl::test_result_data_race);
}

// A P goes from its owner to a flusher, which takes no lock, and from the flusher to the next owner: status alone passes
// the mcache on. `mcache` stands for all that belongs to the owner of a P.
// mirrors engine/sched/sched.cc: p.status.store(to, std::memory_order_release, "release_p: give up the P")
// mirrors engine/sched/sched.cc: p.status.store(to, std::memory_order_release, "sched: change a P's status")
// mirrors engine/sched/sched.cc: p.status.compare_exchange(from, PStatus::kFlushing, std::memory_order_acquire, std::memory_order_relaxed, "flusher: claim a P that is not running")
// mirrors engine/sched/sched.cc: p.status.store(from, std::memory_order_release, "flusher: give the P back as it was")
// mirrors engine/sched/sched.cc: p.status.compare_exchange(from, PStatus::kRunning, std::memory_order_acquire, std::memory_order_relaxed,
// mirrors engine/sched/stop.cc: p.status.compare_exchange(from, PStatus::kFlushing, std::memory_order_acquire, std::memory_order_relaxed,
template <rl::memory_order kRelease, rl::memory_order kClaim, rl::memory_order kGiveBack, rl::memory_order kTake>
struct PChangesHands : rl::test_suite<PChangesHands<kRelease, kClaim, kGiveBack, kTake>, 3> {
  enum Status : unsigned { kRunning, kIdle, kFlushing, kTaken };
  rl::atomic<unsigned> status;
  rl::var<int> mcache;

  void before() {
    status.store(kRunning, rl::mo_relaxed, $);
    mcache($) = 0;
  }
  void thread(unsigned index) {
    unsigned idle = kIdle;
    if (index == 0) {  // release_p
      mcache($) = 1;
      status.store(kIdle, kRelease, $);
    } else if (index == 1) {  // claim_for_flush
      if (!status.compare_exchange_strong(idle, kFlushing, kClaim, $, rl::mo_relaxed, $)) return;
      mcache($) = mcache($) + 1;
      status.store(kIdle, kGiveBack, $);
    } else {  // take_locked; that a P is in a list does not order it after a flusher
      if (!status.compare_exchange_strong(idle, kTaken, kTake, $, rl::mo_relaxed, $)) return;
      mcache($) = mcache($) + 1;
    }
  }
};

TEST(PChangesHands, ReleaseAndAcquirePassTheMcacheOn) {
  EXPECT_EQ((verdict<PChangesHands<rl::mo_release, rl::mo_acquire, rl::mo_release, rl::mo_acquire>>()),
            rl::test_result_success);
}
TEST(PChangesHands, ReleasePWithoutReleaseIsADataRace) {
  EXPECT_EQ((verdict<PChangesHands<rl::mo_relaxed, rl::mo_acquire, rl::mo_release, rl::mo_acquire>>()),
            rl::test_result_data_race);
}
TEST(PChangesHands, ClaimWithoutAcquireIsADataRace) {
  EXPECT_EQ((verdict<PChangesHands<rl::mo_release, rl::mo_relaxed, rl::mo_release, rl::mo_acquire>>()),
            rl::test_result_data_race);
}
TEST(PChangesHands, GivingBackWithoutReleaseIsADataRace) {
  EXPECT_EQ((verdict<PChangesHands<rl::mo_release, rl::mo_acquire, rl::mo_relaxed, rl::mo_acquire>>()),
            rl::test_result_data_race);
}
TEST(PChangesHands, TakingWithoutAcquireIsADataRace) {
  EXPECT_EQ((verdict<PChangesHands<rl::mo_release, rl::mo_acquire, rl::mo_release, rl::mo_relaxed>>()),
            rl::test_result_data_race);
}

}  // namespace
}  // namespace sweepscope::relacy
