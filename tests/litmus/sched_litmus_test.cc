// Interleavings that once broke the scheduler's part of the protocol. Each test fails if the repair it names
// is undone.
#include "tests/litmus/litmus.h"

namespace sweepscope::laboratory {
namespace {

// for_each_p sends a request to every P, then checks under sched.lock which ones run; a thread that releases
// its P checks for a request under the same lock (run_safe_point in release_p). If it checked before taking
// the lock, it could miss the request and still count as running: for_each_p then waited forever.
TEST(SchedLitmus, RequestIsServedByTheReleasingThreadOrTheCoordinator) {
  expect_right({.left =
                    [](Bench& b) {
                      const auto visit = [&b](engine::SchedThread&, engine::P& p) {
                        b.objects.push_back(p.id);
                      };
                      b.sched().for_each_p(*b.left, visit);
                    },
                .right = [](Bench& b) { b.sched().release_p(*b.right, observe::PStatus::kIdle); },
                .after =
                    [](Bench& b) {
                      const bool both = b.objects.size() == 2 && b.objects[0] + b.objects[1] == 1;
                      return std::string(both ? "" : "the function did not run once for each P");
                    }});
}

// stop() waits first and then takes blocked Ps. In the opposite order, a thread that entered its blocking
// region while stop() waited kept its P, and returned by the fast path with an mcache that the turn had made
// stale.
TEST(SchedLitmus, StoppedWorldHasNoBlockedP) {
  expect_right({.left =
                    [](Bench& b) {
                      b.sched().stop(*b.left);
                      if (b.sched().p(1).status.peek() == observe::PStatus::kBlocked) b.objects.push_back(1);
                      b.sched().start(*b.left, 2);
                    },
                .right =
                    [](Bench& b) {
                      b.sched().blocking(*b.right, [] {});
                      b.sched().release_p(*b.right, observe::PStatus::kIdle);
                    },
                .after =
                    [](Bench& b) {
                      return std::string(b.objects.empty() ? "" : "P1 is blocked in a stopped world");
                    }});
}

// acquire_p of an exact P that does not exist takes any other, and waits for one like every acquirer. It once
// polled in a loop.
TEST(SchedLitmus, AcquireOfAMissingPWaitsForAnyP) {
  expect_right({.left =
                    [](Bench& b) {
                      engine::M& late = b.engine->runtime().threads().add();
                      b.sched().acquire_p(late, 7, true);
                      b.sched().release_p(late, observe::PStatus::kIdle);
                    },
                .right = [](Bench& b) { b.sched().release_p(*b.right, observe::PStatus::kIdle); }},
               200);
}

// Two viewers press Pause at once. Once both saw that nothing was paused and added to `attention`; after one
// Resume every poll still took the slow path, for ever.
TEST(SchedLitmus, TwoConcurrentPausesAreOne) {
  expect_right({.left = [](Bench& b) { b.sched().pause(true); },
                .right = [](Bench& b) { b.sched().pause(true); },
                .after =
                    [](Bench& b) {
                      b.sched().pause(false);
                      return std::string(b.sched().world.attention.peek() == 0
                                             ? ""
                                             : "attention stays counted without a request");
                    }});
}

TEST(SchedLitmus, ConcurrentPauseAndResumeLeaveAttentionConsistent) {
  expect_right({.setup = [](Bench& b) { b.sched().pause(true); },
                .left = [](Bench& b) { b.sched().pause(false); },
                .right =
                    [](Bench& b) {
                      b.sched().pause(false);
                      b.sched().pause(true);
                    },
                .after =
                    [](Bench& b) {
                      b.sched().pause(true);
                      b.sched().pause(false);
                      return std::string(b.sched().world.attention.peek() == 0
                                             ? ""
                                             : "attention stays counted without a request");
                    }});
}

// A thread whose slice is over gives its P to a waiting thread and sleeps until that has taken it. The new
// owner wakes it at once, because it may keep the P for long.
TEST(SchedLitmus, ThreadThatYieldsItsPIsWokenByTheNextOwner) {
  const Litmus turns{.left =
                         [](Bench& b) {
                           b.left->has_permit = true;
                           b.left->slice_end = 0;
                           b.sched().poll(*b.left);
                           b.sched().release_p(*b.left, observe::PStatus::kIdle);
                           b.objects.push_back(1);
                         },
                     .right =
                         [](Bench& b) {  // the right thread keeps P1 all the time
                           engine::M& late = b.engine->runtime().threads().add();
                           b.sched().acquire_p(late);
                           engine::spin_until(
                               "test: the other thread waits for its P, or has ended", engine::Word::kOther,
                               0, [&b] { return b.sched().waiting_for_p() > 0 || !b.objects.empty(); });
                           b.sched().release_p(late, observe::PStatus::kIdle);
                         },
                     .sleepers = true};
  const Explored explored = explore(turns, DepthFirst(2));
  EXPECT_EQ(explored.wrong, "");
  EXPECT_TRUE(explored.complete) << explored.schedules;
}

}  // namespace
}  // namespace sweepscope::laboratory
