// Ps and their owners: every arc of the automaton in sched/p.h, and the effect of a stop.
#include "engine/sched/sched.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/base/random.h"
#include "tests/engine/support/sched_bench.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

using observe::PStatus;

TEST(Sched, BeginsWithIdlePsWithoutOwners) {
  SchedBench bench(3);
  EXPECT_EQ(bench.sched().procs(), 3u);
  for (uint32_t id = 0; id < 3; ++id) {
    EXPECT_EQ(bench.status(id), PStatus::kIdle);
    EXPECT_EQ(bench.sched().p(id).owner, kNoThread);
    EXPECT_EQ(bench.sched().p(id).mcache.flush_gen.peek(), bench.runtime().heap().gen());
  }
  EXPECT_EQ(bench.sched().world.running(), 0u);
}

TEST(Sched, AcquireMakesAnIdlePRunningAndReleaseMakesItIdle) {
  SchedBench bench(2);
  M& m = bench.thread();
  bench.sched().acquire_p(m, 1);
  ASSERT_NE(m.p, nullptr);
  EXPECT_EQ(m.p->id, 1);
  EXPECT_EQ(m.mcache, &m.p->mcache);
  EXPECT_EQ(bench.status(1), PStatus::kRunning);
  EXPECT_EQ(bench.sched().p(1).owner, m.id);
  EXPECT_EQ(bench.sched().world.running(), 1u);
  EXPECT_TRUE(m.has_permit);
  bench.leave(m);
  EXPECT_EQ(m.p, nullptr);
  EXPECT_EQ(m.mcache, nullptr);
  EXPECT_EQ(bench.status(1), PStatus::kIdle);
  EXPECT_EQ(bench.sched().p(1).owner, kNoThread);
  EXPECT_EQ(bench.sched().world.running(), 0u);
}

TEST(Sched, PreferredPThatRunsElsewhereIsReplacedByAnother) {
  SchedBench bench(2);
  M& one = bench.thread();
  M& two = bench.thread();
  bench.sched().acquire_p(one, 1);
  bench.sched().acquire_p(two, 1);
  EXPECT_EQ(two.p->id, 0);
  bench.leave(one);
  bench.leave(two);
}

// An idle mark worker leaves for any thread that waits, so a mutator need not.
TEST(Sched, MutatorKeepsItsTurnWhileALentPIsToBeHad) {
  SchedBench bench(2);
  Sched& sched = bench.sched();
  M &mutator = bench.thread(), &borrower = bench.thread(), &late = bench.thread();
  sched.acquire_p(mutator, 0);
  borrower.borrows = true;
  sched.acquire_p(borrower, 1);
  std::atomic<uint32_t> got{Sched::kAnyP};
  std::thread thread([&] {
    sched.acquire_p(late);
    got = late.p->id;
    bench.leave(late);
  });
  eventually([&] { return sched.waiting_for_p() == 1; });
  EXPECT_TRUE(sched.others_wait());
  EXPECT_FALSE(sched.turn_needed());
  mutator.slice_end = 0;
  for (int i = 0; i < 1000; ++i) sched.poll(mutator);
  EXPECT_EQ(got, Sched::kAnyP);
  bench.leave(borrower);
  thread.join();
  EXPECT_EQ(got, 1u);
  // Nothing is lent any more.
  M &other = bench.thread(), &later = bench.thread();
  sched.acquire_p(other, 1);
  std::thread waits([&] {
    sched.acquire_p(later);
    bench.leave(later);
  });
  eventually([&] { return sched.waiting_for_p() == 1; });
  EXPECT_TRUE(sched.turn_needed());
  bench.leave(other);
  waits.join();
  bench.leave(mutator);
}

// The same for its run permit.
TEST(Sched, LentPermitIsNoContention) {
  SchedBench bench(3, 2);
  Sched& sched = bench.sched();
  M &mutator = bench.thread(), &borrower = bench.thread();
  sched.acquire_p(mutator);
  EXPECT_FALSE(sched.contended());
  borrower.borrows = true;
  sched.acquire_p(borrower);
  EXPECT_FALSE(sched.contended());
  EXPECT_FALSE(sched.has_spare_p()) << "there is no permit for a second borrower";
  bench.leave(borrower);
  borrower.borrows = false;
  sched.acquire_p(borrower);
  EXPECT_TRUE(sched.contended());
  bench.leave(borrower);
  bench.leave(mutator);
}

TEST(Sched, ReadyAndStoppedPsHaveNoOwnerAndCanBeClaimed) {
  SchedBench bench(1);
  M& one = bench.thread();
  M& two = bench.thread();
  for (PStatus left : {PStatus::kReady, PStatus::kStopped, PStatus::kIdle}) {
    bench.sched().acquire_p(one);
    bench.sched().release_p(one, left);
    EXPECT_EQ(bench.status(0), left);
    EXPECT_EQ(bench.sched().p(0).owner, kNoThread);
    bench.sched().acquire_p(two);
    EXPECT_EQ(bench.sched().p(0).owner, two.id);
    bench.leave(two);
  }
}

TEST(Sched, IdlePsAreClaimedBeforeReadyOnes) {
  SchedBench bench(2);
  M& one = bench.thread();
  M& two = bench.thread();
  bench.sched().acquire_p(one, 0);
  bench.sched().release_p(one, PStatus::kReady);
  bench.sched().acquire_p(two);
  EXPECT_EQ(two.p->id, 1);
  bench.leave(two);
}

TEST(Sched, BlockedPIsKeptForItsThreadAndReacquiredOnTheFastPath) {
  SchedBench bench(2);
  M& m = bench.thread();
  bench.sched().acquire_p(m, 1);
  bench.sched().blocking(m, [&] {
    EXPECT_EQ(bench.status(1), PStatus::kBlocked);
    EXPECT_EQ(bench.sched().p(1).owner, m.id);
    EXPECT_EQ(bench.sched().world.running(), 0u);
    EXPECT_FALSE(m.has_permit);
    // Another thread that prefers this P gets the other one, which is idle.
    M& other = bench.thread();
    bench.sched().acquire_p(other, 1);
    EXPECT_EQ(other.p->id, 0);
    bench.leave(other);
  });
  EXPECT_EQ(m.p->id, 1);
  EXPECT_EQ(bench.status(1), PStatus::kRunning);
  bench.leave(m);
}

// A thread in a blocking region may wait for a thread that has no P yet.
TEST(Sched, BlockedPIsTakenByAThreadThatFindsNoOther) {
  SchedBench bench(1);
  std::atomic<bool> done{false};
  bench.engine->start_mutator("waits", [&](Mutator& m) {
    m.blocking([&] {
      bench.engine->start_mutator("helps", [&](Mutator& helper) {
        EXPECT_EQ(helper.p(), 0u);
        done = true;
      });
      eventually([&] { return done.load(); });
      EXPECT_EQ(bench.engine->stats().procs, 1u);  // a call from a thread without a P may take it too
    });
    EXPECT_EQ(m.p(), 0u);
    EXPECT_EQ(bench.sched().p(0).owner, m.m().id);
  });
  eventually([&] { return done.load(); });
  bench.engine->join_mutators();
}

// When the first thread returns, the P is blocked again, but another thread owns it.
TEST(Sched, BlockedPOfAnotherThreadIsNotReacquiredOnTheFastPath) {
  SchedBench bench(2);
  M& first = bench.thread();
  M& second = bench.thread();
  M& third = bench.thread();
  bench.sched().acquire_p(first, 0);
  bench.sched().acquire_p(third, 1);
  bench.sched().blocking(first, [&] {
    bench.sched().acquire_p(second);  // no other P is available
    EXPECT_EQ(second.p->id, 0);
    bench.sched().release_p(second, PStatus::kBlocked);
    bench.sched().permits.give(second);
    bench.leave(third);
  });
  ASSERT_EQ(first.p->id, 1);
  ASSERT_EQ(bench.status(0), PStatus::kBlocked);
  ASSERT_EQ(bench.sched().p(0).owner, second.id);
  bench.sched().acquire_p(second, 0, true);
  bench.leave(second);
  bench.leave(first);
}

TEST(Sched, StopTakesTheBlockedPAndItsThreadReturnsOnTheSlowPath) {
  SchedBench bench(1);
  M& m = bench.thread();
  M& coordinator = bench.thread();
  bench.sched().acquire_p(m);
  uint32_t flushes_before = 0;
  bench.sched().blocking(m, [&] {
    // The coordinator owns no P: it enters the world and stops it directly.
    bench.sched().world.enter();
    bench.sched().stop(coordinator);
    EXPECT_EQ(bench.status(0), PStatus::kIdle);
    EXPECT_EQ(bench.sched().p(0).owner, kNoThread);
    coordinator.p = &bench.sched().p(0);
    bench.runtime().heap().turn(coordinator, 1, 1);
    coordinator.p = nullptr;
    bench.sched().world.start();
    bench.sched().world.leave();
    flushes_before = static_cast<uint32_t>(m.flushes[static_cast<size_t>(observe::FlushCause::kAcquireP)]);
  });
  // It returned through acquire_p, which flushed the mcache.
  EXPECT_EQ(m.flushes[static_cast<size_t>(observe::FlushCause::kAcquireP)], flushes_before + 1);
  EXPECT_EQ(m.mcache->flush_gen.peek(), bench.runtime().heap().gen());
  bench.leave(m);
}

// A thread that blocks between the request of a stop and its completion must not keep its P: it would
// reacquire the P on the fast path, with a stale mcache.
TEST(Sched, ThreadThatBlocksWhileTheWorldStopsDoesNotKeepItsP) {
  SchedBench bench(2);
  M& coordinator = bench.thread();
  bench.sched().acquire_p(coordinator, 0);
  std::atomic<bool> running{false}, resume{false};
  bench.engine->start_mutator("blocks", [&](Mutator& mutator) {
    running = true;
    eventually([&] { return bench.sched().world.stopping(); });
    mutator.blocking([&] { eventually([&] { return resume.load(); }); });
  });
  eventually([&] { return running.load(); });
  bench.sched().stop(coordinator);
  EXPECT_TRUE(bench.sched().world.stopped());
  EXPECT_NE(bench.status(1), PStatus::kBlocked);
  EXPECT_EQ(bench.sched().p(1).owner, kNoThread);
  bench.sched().start(coordinator, 2);
  resume = true;
  bench.leave(coordinator);
  bench.engine->join_mutators();
}

TEST(Sched, StopTakesEveryBlockedP) {
  SchedBench bench(4);
  M& coordinator = bench.thread();
  bench.sched().acquire_p(coordinator, 0);
  for (uint32_t id = 1; id < 4; ++id) {
    M& m = bench.thread();
    bench.sched().acquire_p(m, id);
    bench.sched().release_p(m, PStatus::kBlocked);
    bench.sched().permits.give(m);
  }
  bench.sched().stop(coordinator);
  for (uint32_t id = 1; id < 4; ++id) {
    EXPECT_EQ(bench.status(id), PStatus::kIdle);
    EXPECT_EQ(bench.sched().p(id).owner, kNoThread);
  }
  EXPECT_EQ(bench.sched().blocked().size(), 0u);
  bench.sched().start(coordinator, 4);
  bench.leave(coordinator);
}

// Every request that puts polls on the slow path must clear its attention count when it ends.
TEST(Sched, PollsAreFastAgainWhenNoRequestIsPending) {
  SchedBench bench(2, 1);
  const Shared<uint32_t>& attention = bench.sched().world.attention;
  bench.engine->control_stop();
  EXPECT_EQ(attention.peek(), 0u) << "a stop";
  bench.engine->collect();
  EXPECT_EQ(attention.peek(), 0u) << "a cycle with its flush barrier";
  bench.engine->set_procs(3);
  EXPECT_EQ(attention.peek(), 0u) << "procresize";
  bench.engine->pause_mutators(true);
  bench.engine->pause_mutators(false);
  EXPECT_EQ(attention.peek(), 0u) << "a pause";

  for (const bool exactly : {false, true}) {
    SchedBench narrow(1, 2);
    M& holder = narrow.thread();
    M& waiter = narrow.thread();
    narrow.sched().acquire_p(holder);
    std::thread thread([&] {
      narrow.sched().acquire_p(waiter, 0, exactly);
      narrow.leave(waiter);
    });
    eventually([&] { return narrow.sched().world.attention.peek() > 0; });
    narrow.leave(holder);
    thread.join();
    EXPECT_EQ(narrow.sched().world.attention.peek(), 0u) << "a thread that waited for a P";
    EXPECT_EQ(narrow.sched().waiting_for_p(), 0u);
  }
}

TEST(Sched, StopWaitsForAThreadUntilItPolls) {
  SchedBench bench(2);
  M& coordinator = bench.thread();
  bench.sched().acquire_p(coordinator, 0);
  std::atomic<bool> running{false};
  uint64_t plain = 0;  // written until the poll, read by the coordinator once the world has stopped
  bench.engine->start_mutator("busy", [&](Mutator& mutator) {
    running = true;
    while (!bench.sched().world.stopping()) ++plain;
    for (int i = 0; i < 1000; ++i) ++plain;  // still running: the stop must wait
    mutator.poll();
    EXPECT_EQ(bench.status(mutator.p()), PStatus::kRunning);
  });
  eventually([&] { return running.load(); });
  bench.sched().stop(coordinator);
  EXPECT_EQ(bench.status(1), PStatus::kStopped);
  EXPECT_EQ(bench.sched().p(1).owner, kNoThread);
  EXPECT_GE(plain, 1000u);
  EXPECT_EQ(bench.sched().world.running(), 1u);
  bench.sched().start(coordinator, 2);
  bench.leave(coordinator);
  bench.engine->join_mutators();
}

TEST(Sched, ExactAcquireWaitsForThatPAndNoOther) {
  SchedBench bench(3);
  M& holder = bench.thread();
  bench.sched().acquire_p(holder, 1);
  std::atomic<bool> got{false};
  M& waiter = bench.thread();
  std::thread thread([&] {
    bench.sched().acquire_p(waiter, 1, true);
    got = true;
    EXPECT_EQ(waiter.p->id, 1);
    bench.leave(waiter);
  });
  eventually([&] { return bench.sched().world.attention.peek() > 0; });  // it waits
  // Other Ps become idle meanwhile; the waiter must not take one.
  M& other = bench.thread();
  for (uint32_t id : {0u, 2u}) {
    bench.sched().acquire_p(other, id);
    bench.leave(other);
  }
  EXPECT_FALSE(got.load());
  bench.leave(holder);
  thread.join();
  EXPECT_TRUE(got.load());
  EXPECT_EQ(bench.sched().world.attention.peek(), 0u);
}

TEST(Sched, MutatorMovesToThePItNames) {
  SchedBench bench(4);
  bench.engine->start_mutator("visitor", [&](Mutator& m) {
    for (int round = 0; round < 50; ++round) {
      for (uint32_t id = 0; id < 4; ++id) {
        m.move_to_p(id);
        EXPECT_EQ(m.p(), id);
      }
    }
  });
  bench.engine->join_mutators();
}

TEST(Sched, AcquireFlushesAStaleMcacheBeforeAnythingElse) {
  SchedBench bench(1);
  M& m = bench.thread();
  bench.sched().acquire_p(m);
  {
    const NonPreemptible region(m);
    MSpan& span = *refill(m, bench.runtime().heap(), WhiteBox::kClass);
    span.next_free();
    WhiteBox::mark(span, 0);
  }
  bench.leave(m);
  bench.runtime().heap().turn(m, 1, 1);
  bench.sched().acquire_p(m);
  EXPECT_EQ(m.mcache->cached, 0u);
  EXPECT_EQ(m.mcache->flush_gen.peek(), bench.runtime().heap().gen());
  EXPECT_EQ(m.flushed_spans[static_cast<size_t>(observe::FlushCause::kAcquireP)], 1u);
  bench.leave(m);
}

TEST(Sched, PauseHoldsMutatorsAtTheirNextPollUntilItIsOver) {
  SchedBench bench(2);
  std::atomic<uint64_t> polls{0};
  std::atomic<bool> quit{false};
  bench.engine->start_mutator("spin", [&](Mutator& m) {
    while (!quit) {
      ++polls;
      m.poll();
    }
  });
  eventually([&] { return polls > 0; });
  bench.engine->pause_mutators(true);
  eventually([&] { return bench.status(0) == PStatus::kBlocked || bench.status(1) == PStatus::kBlocked; });
  const uint64_t then = polls;
  // A thread from outside can still acquire a P.
  EXPECT_EQ(bench.engine->control_stop().reason, observe::StwReason::kControl);
  EXPECT_EQ(polls, then);
  bench.engine->pause_mutators(false);
  eventually([&] { return polls > then; });
  quit = true;
  bench.engine->join_mutators();
}

// Several threads take all arcs at random. The recorded status changes must form chains.
TEST(Sched, StatusesFormChainsUnderRandomWalks) {
  const uint64_t seed = testing::seed_or(4);
  SWEEPSCOPE_TRACE_SEED(seed);
  SchedBench bench(3, 2);
  for (uint32_t t = 0; t < 5; ++t) {
    bench.engine->start_mutator("walker", [&, t](Mutator& m) {
      Random random(seed * 100 + t);
      for (int i = 0; i < 400; ++i) {
        switch (random.below(4)) {
          case 0: m.move_to_p(random.below(3)); break;
          case 1: m.blocking([] { std::this_thread::yield(); }); break;
          case 2: m.collect(); break;
          default: m.poll();
        }
      }
    });
  }
  bench.engine->join_mutators();
  for (uint32_t id = 0; id < 3; ++id) EXPECT_EQ(bench.status(id), PStatus::kIdle);
  EXPECT_EQ(bench.sched().world.running(), 0u);
  EXPECT_EQ(bench.sched().world.attention.peek(), 0u);
  EXPECT_GT(expect_status_chains(bench.observer.records()), 1000u);
}

}  // namespace
}  // namespace sweepscope::engine
