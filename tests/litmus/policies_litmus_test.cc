// The flush policies idle-first and ragged where two threads compete for one P: a flusher that claims it
// without sched.lock against any other owner, the count of unflushed mcaches against completion, and a black
// allocation against the flush barrier.
#include <algorithm>

#include "engine/gc/verifier.h"
#include "tests/litmus/litmus.h"

namespace sweepscope::laboratory {
namespace {

using engine::FlushPolicy;
using engine::M;
using observe::FlushCause;
using observe::PStatus;

FlushPolicy& policy(Bench& b) { return b.engine->runtime().policy(); }

// `idle` leaves a span with one live and one free slot in its P, which becomes idle; then the turn. `busy`
// keeps its own P, flushed, like the coordinator.
void leave_stale(Bench& b, M& idle, M& busy) {
  b.objects.push_back(b.allocate(idle));
  b.sched().release_p(idle, PStatus::kIdle);
  b.mark(b.objects[0]);
  b.turn();
  prepare_for_sweep(busy, b.heap(), *busy.mcache, FlushCause::kProcresize);
}

// Like the background sweeper: counted as running during each claim.
void sweep_in_background(Bench& b, M& m) {
  bool more = true;
  while (more) {
    b.sched().world.enter();
    more = policy(b).background_claim(m);
    b.sched().world.leave();
  }
}

std::string all_flushed(Bench& b) {
  if (b.heap().unflushed.peek() != 0) return "unflushed is " + std::to_string(b.heap().unflushed.peek());
  for (uint32_t p = 0; p < b.sched().procs(); ++p)
    if (b.sched().p(p).mcache.flush_gen.peek() != b.h()) return "P" + std::to_string(p) + " is not flushed";
  return {};
}

uint64_t flushes(const M& m, FlushCause cause) { return m.flushes[static_cast<size_t>(cause)]; }

TEST(IdleFirstLitmus, PIsFlushedOnceByTheSweeperOrItsAcquirer) {
  const Explored explored = expect_right(
      {.setup = [](Bench& b) { leave_stale(b, *b.right, *b.left); },
       .left =
           [](Bench& b) {
             b.sched().release_p(*b.left, PStatus::kIdle);
             sweep_in_background(b, *b.left);
           },
       .right =
           [](Bench& b) {
             b.sched().acquire_p(*b.right, 1, true);
             b.allocate(*b.right);
           },
       .after =
           [](Bench& b) {
             if (flushes(*b.left, FlushCause::kBackground) + flushes(*b.right, FlushCause::kAcquireP) != 1)
               return std::string("P1 was not flushed exactly once");
             return all_flushed(b);
           },
       .policy = "idle-first"});
  EXPECT_GT(explored.schedules, 10u);
}

// The only available P is being flushed: the acquirer waits, and is woken.
TEST(IdleFirstLitmus, AcquireWaitsForTheOnlyPWhileItIsFlushed) {
  expect_right({.setup = [](Bench& b) { leave_stale(b, *b.right, *b.left); },
                .left = [](Bench& b) { policy(b).help_sweep(*b.left); },
                .right =
                    [](Bench& b) {
                      b.sched().acquire_p(*b.right);
                      b.allocate(*b.right);
                    },
                .after = all_flushed,
                .policy = "idle-first"},
               200);
}

TEST(IdleFirstLitmus, StopWaitsForAClaimAndFindsNoFlushingP) {
  expect_right({.setup =
                    [](Bench& b) {
                      leave_stale(b, *b.left, *b.right);
                      b.objects.clear();
                    },
                .left = [](Bench& b) { sweep_in_background(b, *b.left); },
                .right =
                    [](Bench& b) {
                      b.sched().stop(*b.right);
                      if (b.sched().p(0).status.peek() != PStatus::kIdle) b.objects.push_back(1);
                      check_protocol(*b.right, b.engine->runtime().layers(), engine::VerifyAt::kAnyStop);
                      b.sched().start(*b.right, 2);
                    },
                .after =
                    [](Bench& b) {
                      if (!b.objects.empty()) return std::string("P0 was not idle in a stopped world");
                      return all_flushed(b);
                    },
                .policy = "idle-first"});
}

// Destroyed while stale or after its flush: either way it is subtracted from the count once.
TEST(IdleFirstLitmus, DestroyedPIsSubtractedFromTheCountOnce) {
  expect_right({.setup = [](Bench& b) { leave_stale(b, *b.right, *b.left); },
                .left =
                    [](Bench& b) {
                      b.sched().stop(*b.left);
                      b.sched().start(*b.left, 1);
                    },
                .right = [](Bench& b) { sweep_in_background(b, *b.right); },
                .after = all_flushed,
                .policy = "idle-first"});
}

TEST(IdleFirstLitmus, CoordinatorThatIsMovedToAStalePFlushesIt) {
  expect_right({.setup = [](Bench& b) { leave_stale(b, *b.left, *b.right); },
                .left = [](Bench& b) { sweep_in_background(b, *b.left); },
                .right =
                    [](Bench& b) {
                      b.sched().stop(*b.right);
                      b.sched().start(*b.right, 1);
                      b.allocate(*b.right);
                    },
                .after = all_flushed,
                .policy = "idle-first"});
}

// A claim of a P whose thread is in a blocking region: the thread gets it back, or another one.
TEST(IdleFirstLitmus, ThreadLeavesABlockingRegionWhileItsPIsClaimed) {
  expect_right({.left =
                    [](Bench& b) {
                      b.sched().claim_for_flush(*b.left, b.sched().p(1),
                                                [](engine::SchedThread&, engine::P&) {});
                      b.sched().release_p(*b.left, PStatus::kIdle);
                    },
                .right =
                    [](Bench& b) {
                      b.sched().blocking(*b.right, [] {});
                      b.allocate(*b.right);
                    },
                .policy = "idle-first"});
}

// Independent of the first claim, the function of for_each_p runs once for each P, after the other flusher is
// done with it.
TEST(IdleFirstLitmus, ForEachPWaitsForAPThatAnotherFlusherClaimed) {
  expect_right(
      {.setup = [](Bench& b) { b.sched().release_p(*b.right, PStatus::kIdle); },
       .left =
           [](Bench& b) {
             b.sched().for_each_p(*b.left, [&b](engine::SchedThread&, engine::P& p) {
               if (p.id == 1 && b.objects.size() % 2 == 1) b.objects.push_back(100);
               if (p.id == 1) b.objects.push_back(0), b.objects.push_back(0);
             });
           },
       .right =
           [](Bench& b) {
             b.sched().world.enter();
             b.sched().claim_for_flush(*b.right, b.sched().p(1), [&b](engine::SchedThread&, engine::P&) {
               b.objects.push_back(1);
               b.heap().pages_swept.load(std::memory_order_relaxed, "litmus: in the middle of a claim");
               b.objects.push_back(1);
             });
             b.sched().world.leave();
           },
       .after =
           [](Bench& b) {
             const auto visits = std::count(b.objects.begin(), b.objects.end(), 0u);
             if (std::count(b.objects.begin(), b.objects.end(), 100u) > 0)
               return std::string("for_each_p ran in the middle of a claim");
             return std::string(visits == 2 ? "" : "for_each_p did not visit P1 once");
           },
       .policy = "idle-first"});
}

// unflushed is decremented after the sweeps of the flush: a waiter that sees a complete sweep sees no STALE
// span.
TEST(IdleFirstLitmus, SweepIsNotCompleteBeforeTheLastMCacheIsFlushed) {
  expect_right({.setup =
                    [](Bench& b) {
                      leave_stale(b, *b.left, *b.right);
                      b.objects.clear();
                    },
                .left =
                    [](Bench& b) {
                      while (b.sweep_one(*b.left)) {
                      }
                      sweep_in_background(b, *b.left);
                    },
                .right =
                    [](Bench& b) {
                      b.sched().blocking(*b.right, [&b] {
                        b.heap().sweep_completed.wait_until("litmus: wait for the sweep",
                                                            [&b] { return b.heap().sweep_complete(); });
                      });
                      if (b.relative(0) != 0) b.objects.push_back(1);
                    },
                .after =
                    [](Bench& b) {
                      if (!b.objects.empty()) return std::string("complete, and span 0 was not swept");
                      return all_flushed(b);
                    },
                .policy = "idle-first"});
}

// gc_start helps and waits for the flushes of other threads, which never wait for it.
TEST(IdleFirstLitmus, GcStartFlushesRemainingMCachesAndWaitsForOthers) {
  expect_right({.setup =
                    [](Bench& b) {
                      leave_stale(b, *b.left, *b.right);
                      b.objects.clear();
                    },
                .left =
                    [](Bench& b) {
                      b.sched().acquire_p(*b.left);
                      b.allocate(*b.left);
                    },
                .right =
                    [](Bench& b) {
                      policy(b).help_at_gc_start(*b.right);
                      if (!all_flushed(b).empty()) b.objects.push_back(1);
                    },
                .after =
                    [](Bench& b) {
                      return std::string(b.objects.empty() ? ""
                                                           : "gc_start continued with an unflushed mcache");
                    },
                .policy = "idle-first"});
}

// A thread uses its stale mcache while the barrier requests its flush. The object survives whether it is
// allocated before the flush (black) or after it (white, from a fresh span), and each P is flushed once.
TEST(RaggedLitmus, AllocationFromAStaleSpanAgainstTheFlushBarrier) {
  const Explored explored = expect_right({.setup =
                                              [](Bench& b) {
                                                leave_stale(b, *b.right, *b.left);
                                                policy(b).before_start(*b.left);
                                              },
                                          .left = [](Bench& b) { policy(b).after_start(*b.left, 0); },
                                          .right =
                                              [](Bench& b) {
                                                b.sched().acquire_p(*b.right, 1, true);
                                                b.allocate(*b.right);
                                                b.sched().poll(*b.right);
                                                b.allocate(*b.right);
                                                b.sched().release_p(*b.right, PStatus::kIdle);
                                              },
                                          .after =
                                              [](Bench& b) {
                                                if (flushes(*b.right, FlushCause::kAcquireP) != 0)
                                                  return std::string("acquire_p flushed");
                                                if (b.heap().sweepers.peek() != 0)
                                                  return std::string("the barrier's token is still there");
                                                return all_flushed(b);
                                              },
                                          .policy = "ragged"});
  EXPECT_GT(explored.schedules, 10u);
}

}  // namespace
}  // namespace sweepscope::laboratory
