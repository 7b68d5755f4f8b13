// Every arc of the sweep protocol against a thread that conflicts with it, in all interleavings.
#include "tests/litmus/litmus.h"

namespace sweepscope::laboratory {
namespace {

// One span with a live object, in need of sweeping, uncached.
void needs(Bench& b) {
  b.objects.push_back(b.allocate(*b.left));
  b.release(*b.left);
  b.mark(b.objects[0]);
  b.turn();
}
// The same, but its object is dead.
void needs_dead(Bench& b) {
  Bench::drop(b.allocate(*b.left));
  b.release(*b.left);
  b.turn();
}
// One span with a live object, still in the left mcache after the turn.
void stale(Bench& b) {
  b.objects.push_back(b.allocate(*b.left));
  b.mark(b.objects[0]);
  b.turn();
}

std::string expect(bool holds, const char* what) { return holds ? "" : what; }

void flush_left(Bench& b) {
  engine::prepare_for_sweep(*b.left, b.heap(), *b.left->mcache, observe::FlushCause::kAcquireP);
}
void flush_right(Bench& b) {
  engine::prepare_for_sweep(*b.right, b.heap(), *b.right->mcache, observe::FlushCause::kAcquireP);
}

// The right thread's own mcache is empty; it was flushed before it allocates, as acquire_p does it.
void needs_flushed(Bench& b) {
  needs(b);
  flush_left(b);
  flush_right(b);
}

TEST(ArcLitmus, T2RefillCachesASpanOnceAgainstASweeper) {
  expect_right(
      {.setup = needs_flushed,
       .left = [](Bench& b) { b.refill_and_use(*b.left); },
       .right = [](Bench& b) { b.sweep_one(*b.right); },
       .after =
           [](Bench& b) { return expect(b.relative(0) == 3 || b.relative(1) == 3, "nothing is cached"); }});
}

TEST(ArcLitmus, T3FullSpansAreReplacedByTwoDifferentOnes) {
  expect_right({.setup =
                    [](Bench& b) {
                      for (engine::M* m : {b.left, b.right, b.left, b.right})
                        b.objects.push_back(b.allocate(*m));
                    },
                .left = [](Bench& b) { b.refill_and_use(*b.left); },
                .right = [](Bench& b) { b.refill_and_use(*b.right); },
                .after =
                    [](Bench& b) {
                      return expect(b.left->mcache->alloc[Bench::kClass.raw()] !=
                                        b.right->mcache->alloc[Bench::kClass.raw()],
                                    "one span is in two mcaches");
                    }});
}

TEST(ArcLitmus, T4ReleasedSpanMayBeTakenByAnotherRefill) {
  expect_right({.setup = [](Bench& b) { b.objects.push_back(b.allocate(*b.left)); },
                .left = [](Bench& b) { b.release(*b.left); },
                .right = [](Bench& b) { b.refill_and_use(*b.right); }});
}

TEST(ArcLitmus, T6OneOfTwoSweepersClaimsTheSpan) {
  expect_right({.setup = needs,
                .left = [](Bench& b) { b.sweep_one(*b.left); },
                .right = [](Bench& b) { b.sweep_one(*b.right); },
                .after =
                    [](Bench& b) {
                      const auto cause = static_cast<size_t>(observe::Cause::kForced);
                      flush_left(b);
                      flush_right(b);
                      return expect(
                          b.left->swept_spans[cause] + b.right->swept_spans[cause] == 1 && b.relative(0) == 0,
                          "the span was not swept exactly once");
                    }});
}

TEST(ArcLitmus, T7OnlyTheFlusherSweepsAStaleSpan) {
  expect_right({.setup = stale,
                .left = flush_left,
                .right = [](Bench& b) { b.sweep_one(*b.right); },
                .after =
                    [](Bench& b) {
                      flush_right(b);
                      return expect(b.left->swept_spans[static_cast<size_t>(observe::Cause::kFlush)] == 1 &&
                                        b.relative(0) == 0,
                                    "the flusher did not sweep its span");
                    }});
}

TEST(ArcLitmus, T7FlushedSpanMayBeCachedByAnotherP) {
  expect_right({.setup =
                    [](Bench& b) {
                      stale(b);
                      flush_right(b);
                    },
                .left = flush_left,
                .right = [](Bench& b) { b.refill_and_use(*b.right); }});
}

TEST(ArcLitmus, T8AndT9DeadSpanIsFreedOrCachedNeverBoth) {
  expect_right({.setup =
                    [](Bench& b) {
                      needs_dead(b);
                      flush_left(b);
                      flush_right(b);
                    },
                .left = [](Bench& b) { b.sweep_one(*b.left); },
                .right = [](Bench& b) { b.refill_and_use(*b.right); }});
}

TEST(ArcLitmus, T1FreedStructIsReusedWhileItsOldIdIsQueued) {  // how D1 arose
  expect_right({.setup =
                    [](Bench& b) {
                      needs_dead(b);
                      flush_left(b);
                      flush_right(b);
                    },
                .left =
                    [](Bench& b) {
                      b.refill_and_use(*b.left);  // sweeps the dead span itself, and keeps it
                      b.release(*b.left);
                    },
                .right =
                    [](Bench& b) {
                      while (b.sweep_one(*b.right)) {
                      }
                    }});
}

// A whole cycle has too many interleavings: up to two preemptions.
TEST(ArcLitmus, T5TurnAgainstAnAllocatingThreadWithUpToTwoPreemptions) {
  const Explored explored = explore({.left =
                                         [](Bench& b) {
                                           b.drop(b.allocate(*b.left));
                                           engine::Mutator(*b.left, b.engine->runtime()).collect();
                                         },
                                     .right =
                                         [](Bench& b) {
                                           b.drop(b.allocate(*b.right));
                                           b.sched().poll(*b.right);
                                           b.drop(b.allocate(*b.right));
                                           b.sched().release_p(*b.right, observe::PStatus::kIdle);
                                         }},
                                    DepthFirst(2));
  EXPECT_EQ(explored.wrong, "");
  EXPECT_TRUE(explored.complete) << explored.schedules;
  std::printf("complete with preemptions <= 2: %llu schedules\n",
              static_cast<unsigned long long>(explored.schedules));
}

// Checks that the reduction skips no state: plain search and sleep sets visit the same ones.
TEST(DepthFirst, SleepSetsReachTheProtocolStatesOfPlainSearch) {
  const Litmus claims{.setup = stale,
                      .left = [](Bench& b) { b.sweep_one(*b.left); },
                      .right =
                          [](Bench& b) {
                            const engine::NonPreemptible region(*b.right);
                            b.heap().begin_sweeper();
                            b.heap().unswept().pop();
                            b.heap().end_sweeper();
                          },
                      .after =
                          [](Bench& b) {
                            flush_left(b);
                            flush_right(b);
                            return std::string();
                          }};
  const Explored plain = explore(claims, DepthFirst(std::nullopt, DepthFirst::Reduce::kNo));
  const Explored reduced = explore(claims, DepthFirst(std::nullopt));
  ASSERT_TRUE(plain.complete) << plain.schedules;
  ASSERT_TRUE(reduced.complete) << reduced.schedules;
  EXPECT_EQ(plain.wrong, "");
  EXPECT_EQ(reduced.wrong, "");
  EXPECT_EQ(reduced.states, plain.states);
  EXPECT_LT(reduced.schedules, plain.schedules);
  std::printf("plain %llu schedules, sleep sets %llu (%llu redundant), %zu states\n",
              static_cast<unsigned long long>(plain.schedules),
              static_cast<unsigned long long>(reduced.schedules),
              static_cast<unsigned long long>(reduced.redundant), plain.states.size());
}

}  // namespace
}  // namespace sweepscope::laboratory
