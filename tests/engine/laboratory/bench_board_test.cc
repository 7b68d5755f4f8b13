// The protocol board against the oracle's account of the same run, after every access, and against the engine's own
// equations.
#include "engine/laboratory/bench/board.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "engine/laboratory/bench/hand_run.h"
#include "engine/laboratory/oracle/oracle.h"
#include "tests/engine/laboratory/bench_fixture.h"
#include "tests/support/seed.h"

namespace sweepscope::laboratory {
namespace {

using engine::Word;
using testing::setup_for;
using testing::take_any;

// Whether some thread's next access is to this word of the span: facts are reported on one side of the access or the
// other.
bool pending(const HandRun& run, Word word, uint32_t span) {
  for (uint32_t fiber = 0; fiber < run.scheduler().fibers(); ++fiber) {
    const engine::Access next = run.pending(fiber);
    if (!run.ended(fiber) && next.word == word && next.object == span) return true;
  }
  return false;
}

void expect_agrees_with_oracle(HandRun& run, const BoardState& board) {
  run.experiment().oracle().for_each_span([&](uint32_t id, bool in_use, uint32_t cache, uint32_t sweeper) {
    if (id >= board.spans.size()) return;
    const BoardSpan& span = board.spans[id];
    if (span.status == engine::SpanState::kManual) return;
    EXPECT_EQ(in_use, span.status == engine::SpanState::kInUse) << "span " << id;
    if (cache != ~0u && !pending(run, Word::kSweepgen, id)) {
      EXPECT_EQ(span.place, BoardPlace::kCache) << "span " << id;
      EXPECT_EQ(span.p, cache) << "span " << id;
    }
    if (sweeper != ~0u) {
      EXPECT_EQ(span.distance, -1) << "span " << id;
    } else if (span.distance == -1 && in_use) {
      EXPECT_TRUE(pending(run, Word::kSweepgen, id)) << "span " << id;
    }
  });
}

void expect_consistent(const BoardState& board) {
  for (const BoardSpan& span : board.spans) {
    EXPECT_EQ(span.distance, static_cast<int32_t>(span.sweepgen - board.sg));
    if (span.status != engine::SpanState::kInUse) continue;
    ASSERT_EQ(span.alloc_bits.size(), (span.nelems + 63) / 64);
    EXPECT_LE(span.freeindex, span.nelems);
    for (size_t word = 0; word < span.alloc_bits.size(); ++word)
      if (const uint32_t left = span.nelems - 64 * static_cast<uint32_t>(word); left < 64) {
        EXPECT_EQ(span.alloc_bits[word] >> left, 0u) << "a bit beyond the slots of span " << span.id;
        EXPECT_EQ(span.mark_bits[word] >> left, 0u);
      }
  }
  for (const BoardP& p : board.ps)
    for (const BoardP::Cached& cached : p.cached) {
      EXPECT_EQ(board.spans.at(cached.span).place, BoardPlace::kCache);
      EXPECT_EQ(board.spans.at(cached.span).p, p.id);
      EXPECT_EQ(board.spans.at(cached.span).span_class, cached.span_class);
    }
}

class BoardOfAWalk : public ::testing::TestWithParam<const char*> {};

TEST_P(BoardOfAWalk, AgreesWithTheOracleAfterEveryAccess) {
  const uint64_t seed = sweepscope::testing::seed_or(1);
  size_t cached = 0, queued = 0, in_both = 0, places = 0, boards = 0;
  bool seen[7] = {};
  for (uint64_t walk = 0; walk < 20; ++walk) {
    std::mt19937_64 random(seed + walk);
    auto setup = setup_for("sweep", {2, 2});
    setup.policy = GetParam();
    HandRun run(setup, nullptr);
    run.create();
    while (run.next() != HandRun::Next::kNothing && !::testing::Test::HasFailure()) {
      ASSERT_TRUE(take_any(run, random));
      if (!run.engine_stands()) continue;
      BoardState board;
      run.scheduler().inside([&] { board = read_board(run.runtime()); });
      ++boards;
      expect_agrees_with_oracle(run, board);
      expect_consistent(board);
      for (const BoardSpan& span : board.spans) {
        seen[static_cast<size_t>(span.place)] = true;
        cached += span.place == BoardPlace::kCache;
        queued += span.queue != BoardQueue::kNone;
        in_both += span.queue == BoardQueue::kBoth;
      }
    }
    EXPECT_FALSE(run.scheduler().violated()) << run.so_far().violation.sentence;
  }
  for (const bool place : seen) places += place;
  EXPECT_GT(boards, 1000u);
  EXPECT_GT(cached, 0u);
  EXPECT_GT(queued, 0u);
  // A stale span that its flush sweeps keeps its entry in the unswept queue until a sweeper drops it; eager leaves no
  // span stale.
  EXPECT_TRUE(in_both > 0 || std::string_view(GetParam()) == "eager");
  EXPECT_GE(places, 6u);  // all but large
}
INSTANTIATE_TEST_SUITE_P(Policies, BoardOfAWalk, ::testing::Values("eager", "lazy", "idle-first", "ragged"),
                         [](const auto& p) {
                           std::string name = p.param;
                           std::erase(name, '-');
                           return name;
                         });

// The figures of the pacer against what the steps wrote, and against the spans of the same board.
TEST(BoardOfThePacer, HasWhatTheStepsWrote) {
  size_t compared = 0, owing = 0, owed = 0, collections = 0, read_by_waits = 0;
  for (const char* scenario : {"pacer", "assists", "sweep"})
    for (uint64_t walk = 0; walk < 12; ++walk) {
      std::mt19937_64 random(sweepscope::testing::seed_or(1) + walk);
      const Scenario& of = *find_scenario(scenario);
      HandRun run(setup_for(scenario, of.defaults), nullptr);
      run.create();
      std::optional<uint32_t> trigger, credit;  // as last written, low 32 bits
      while (run.next() != HandRun::Next::kNothing) {
        ASSERT_TRUE(take_any(run, random));
        if (!run.engine_stands()) continue;
        const engine::Access& access = run.row().access;
        for (uint32_t fiber = 0; fiber < run.scheduler().fibers(); ++fiber)
          read_by_waits += run.scheduler().predicate_reads(fiber).size();
        BoardState board;
        run.scheduler().inside([&] { board = read_board(run.runtime()); });
        ASSERT_TRUE(board.pacing);
        const BoardPacing& pacing = *board.pacing;
        const bool wrote = access.op == engine::Op::kStore || access.op == engine::Op::kRmw;
        if (wrote && access.word == Word::kHeapLive) {
          EXPECT_EQ(static_cast<uint32_t>(pacing.heap_live), run.row().after);
          ++compared;
        }
        if (wrote && access.word == Word::kPacer && access.object == 0) trigger = run.row().after;
        if (trigger) {
          EXPECT_EQ(static_cast<uint32_t>(pacing.trigger.value_or(~uint64_t{0})), *trigger);
        }
        const bool marks = pacing.concurrent && board.phase == observe::Phase::kMark;
        EXPECT_EQ(pacing.credit.has_value(), marks);
        EXPECT_EQ(pacing.concurrent, std::string_view(scenario) != "sweep");
        EXPECT_EQ(pacing.gogc.has_value(), std::string_view(scenario) == "pacer");
        EXPECT_EQ(pacing.trigger.has_value(), pacing.gogc.has_value());
        EXPECT_EQ(pacing.marked.has_value(), pacing.marked && board.sg > 4);
        collections += pacing.marked.has_value();
        uint32_t unswept = 0;
        for (const BoardSpan& span : board.spans)
          if (span.status == engine::SpanState::kInUse && span.distance != 0 && span.distance != 3)
            unswept += span.pages;
        EXPECT_EQ(pacing.unswept_pages, unswept);
        EXPECT_LE(pacing.owed_pages.value_or(0), unswept);
        owed += pacing.owed_pages.value_or(0) > 0;
        for (const AssistCredit& of_thread : read_assist_credits(run.runtime())) {
          EXPECT_TRUE(marks);
          owing += of_thread.bytes < 0;
        }
      }
    }
  EXPECT_GT(compared, 0u);
  EXPECT_GT(read_by_waits, 0u);
  EXPECT_GT(owing, 0u);
  EXPECT_GT(owed, 0u);
  EXPECT_GT(collections, 0u);
}

// A lock's holder and its waiters, from the accesses alone, are those that the engine has.
TEST(HandRun, KnowsWhoHoldsALockAndWhichThreadOfTheEngineAFiberIs) {
  std::mt19937_64 random(sweepscope::testing::seed_or(1));
  HandRun run(setup_for("sweep", {2, 2}), nullptr);
  run.create();
  size_t held = 0, owners = 0;
  while (run.next() != HandRun::Next::kNothing) {
    ASSERT_TRUE(take_any(run, random));
    if (!run.engine_stands()) continue;
    EXPECT_EQ(run.runtime().heap().lock().held(), run.holder(Word::kHeapLock, 0) != kNoFiber);
    held += run.runtime().heap().lock().held();
    for (uint32_t id = 0; id < run.runtime().sched().procs(); ++id) {
      const engine::P& p = run.runtime().sched().p(id);
      if (p.status.peek() != observe::PStatus::kRunning || p.owner == engine::kNoThread) continue;
      const uint32_t fiber = run.fiber_of(p.owner);
      ++owners;
      ASSERT_NE(fiber, kNoFiber);
      EXPECT_FALSE(run.ended(fiber));
    }
    // A thread that holds a lock can be named.
    for (const HandRun::Held& lock : run.locks()) EXPECT_FALSE(run.ended(lock.fiber));
  }
  EXPECT_GT(held, 0u);
  EXPECT_GT(owners, 0u);
  EXPECT_TRUE(run.locks().empty());
}

}  // namespace
}  // namespace sweepscope::laboratory
