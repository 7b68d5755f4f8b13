// The bench session: steps of every size, the branch tree, what threads are about to do, searches from here.
#include "engine/laboratory/bench/bench_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/laboratory/bench/hand_run.h"
#include "engine/laboratory/search/replay.h"
#include "tests/engine/laboratory/bench_fixture.h"
#include "tests/support/seed.h"

namespace sweepscope::laboratory {
namespace {

using testing::counterexample;
using ::testing::HasSubstr;
using testing::leaf;
using testing::next_thread;
using testing::setup_for;

// Takes arcs until `done`, thread by thread; the last node.
uint32_t run_arcs(BenchSession& session, uint32_t node, uint32_t fiber,
                  const std::function<bool(const Node&, const NodeView&)>& done, size_t most = 400) {
  for (size_t i = 0; i < most; ++i) {
    const NodeView& view = session.view(node);
    const uint32_t next = next_thread(view, fiber);
    if (next == ~0u) return node;
    const bool chooses = view.threads[next].state == ThreadState::kMustChoose;
    const auto taken = session.step(node, chooses ? StepKind::kChoice : StepKind::kArc, next, 0);
    EXPECT_EQ(taken.error, "");
    if (!taken.error.empty()) return node;
    node = taken.node;
    if (done(session.tree().nodes()[node], session.view(node))) return node;
  }
  return node;
}

TEST(BenchSession, BeginsWhereTheProgramBegins) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 7), "");
  EXPECT_EQ(session.seed(), 7u);
  ASSERT_EQ(session.tree().nodes().size(), 1u);
  const NodeView& view = session.view(0);
  EXPECT_EQ(view.outcome, NodeOutcome::kRunning);
  ASSERT_FALSE(view.threads.empty());
  EXPECT_EQ(view.threads[0].name, "main");
  EXPECT_EQ(view.threads[0].state, ThreadState::kCanRun);
  EXPECT_TRUE(view.board.known);
  EXPECT_EQ(view.board.sg, engine::kFirstHeapGen);
  EXPECT_EQ(view.board.ps.size(), 2u);
  EXPECT_EQ(view.rules.size(), kOracleRules - 1);
}

TEST(BenchSession, RefusesWhatDoesNotFitAndKeepsWhatItHas) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 1), "");
  auto wrong = setup_for("sweep");
  wrong.size.procs = 99;
  EXPECT_THAT(session.begin(wrong, 1), HasSubstr("takes 1 to 8 procs"));
  EXPECT_THAT(session.step(5, StepKind::kArc, 0).error, HasSubstr("no node 5"));
  EXPECT_THAT(session.step(0, StepKind::kArc, 77).error, HasSubstr("no thread 77"));
  const auto blocked = session.step(0, StepKind::kRun, 0);  // main joins the mutators
  EXPECT_THAT(session.step(blocked.node, StepKind::kArc, 0).error, HasSubstr("cannot run"));
  EXPECT_EQ(session.go(0), "");
  EXPECT_THAT(session.step(0, StepKind::kChoice, 0).error, HasSubstr("nothing to choose"));
  EXPECT_NE(session.step(0, StepKind::kLoaded, 0).error, "");
  EXPECT_NE(session.go(7), "");
  EXPECT_NE(session.rename(0, std::string(BranchTree::kMostNameBytes + 1, 'x')), "");
  EXPECT_EQ(session.tree().nodes().size(), 2u);
  EXPECT_EQ(session.current(), 0u);
  EXPECT_EQ(session.step(0, StepKind::kArc, 0).error, "");
}

TEST(BenchSession, AnAccessStepIsOneAccessAndAnArcStepEndsWithAWriteOfTheProtocol) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 1), "");
  const auto access = session.step(0, StepKind::kAccess, 0);
  EXPECT_EQ(session.tree().nodes()[access.node].decisions.size(), 1u);
  EXPECT_EQ(session.tree().nodes()[access.node].stop, StopReason::kAccess);

  size_t arcs = 0;
  run_arcs(session, 0, 1, [&](const Node& node, const NodeView& view) {
    if (node.stop == StopReason::kArc) {
      ++arcs;
      const auto writes = [](const AccessRow& row) {
        return !row.folded && (!row.arc.empty() || row.access.op == engine::Op::kStore ||
                               row.access.op == engine::Op::kRmw || row.access.op == engine::Op::kCasWon ||
                               row.text.find("moves span") != std::string::npos);
      };
      EXPECT_TRUE(writes(view.rows.back())) << view.rows.back().text;
      for (size_t i = 0; i + 1 < view.rows.size(); ++i)
        EXPECT_TRUE(view.rows[i].arc.empty() && view.rows[i].text.find("moves") == std::string::npos)
            << view.rows[i].text;
    }
    return false;
  });
  EXPECT_GT(arcs, 20u);
}

TEST(BenchSession, ARunStepEndsWhereTheThreadBlocksEndsOrMustChoose) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 1), "");
  const auto main = session.step(0, StepKind::kRun, 0);
  ASSERT_EQ(main.error, "");
  EXPECT_EQ(session.tree().nodes()[main.node].stop, StopReason::kBlocked)
      << session.tree().nodes()[main.node].why;
  const ThreadView& joins = session.view(main.node).threads[0];
  EXPECT_EQ(joins.state, ThreadState::kBlocked);
  EXPECT_THAT(joins.text, HasSubstr("waits until mutator 2 has ended"));

  uint32_t mutator = ~0u;
  for (const ThreadView& t : session.view(main.node).threads)
    if (t.name == "mutator 1") mutator = t.fiber;
  ASSERT_NE(mutator, ~0u);
  const auto chooses = session.step(main.node, StepKind::kRun, mutator);
  EXPECT_EQ(session.tree().nodes()[chooses.node].stop, StopReason::kChoice);
  const NodeView& view = session.view(chooses.node);
  EXPECT_EQ(view.threads[mutator].state, ThreadState::kMustChoose);
  EXPECT_NE(view.threads[mutator].p, observe::kNoP);
  EXPECT_THAT(
      view.threads[mutator].alternatives,
      ::testing::ElementsAre("allocate a block", "leave the P for a moment", "move to a P", "collect"));
  for (const ThreadView& t : view.threads) EXPECT_NE(t.state, ThreadState::kCanRun) << t.text;
  EXPECT_THAT(session.step(chooses.node, StepKind::kArc, 0).error, HasSubstr("must choose first"));
  EXPECT_THAT(session.step(chooses.node, StepKind::kChoice, mutator, 4).error, HasSubstr("4 alternatives"));
  const auto chosen = session.step(chooses.node, StepKind::kChoice, mutator, 2);
  ASSERT_EQ(chosen.error, "");
  EXPECT_EQ(session.tree().nodes()[chosen.node].decisions.back().choice, 2u);
  EXPECT_THAT(session.view(chosen.node).threads[mutator].alternatives,
              ::testing::ElementsAre("to P0", "to P1"));
}

TEST(BenchSession, ABreakpointEndsARunStep) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 1), "");
  EXPECT_THAT(session.set_breakpoints({"arc T11"}), HasSubstr("unknown arc"));
  EXPECT_THAT(session.set_breakpoints({"rule I99"}), HasSubstr("unknown rule"));
  EXPECT_THAT(session.set_breakpoints({"span x"}), HasSubstr("no span's number"));
  EXPECT_THAT(session.set_breakpoints({"moon"}), HasSubstr("a breakpoint is"));
  ASSERT_EQ(session.set_breakpoints({"arc T2"}), "");
  uint32_t node = session.step(0, StepKind::kRun, 0).node;
  uint32_t mutator = next_thread(session.view(node), 2);
  for (int i = 0; i < 20 && session.tree().nodes()[node].stop != StopReason::kBreakpoint; ++i) {
    const NodeView& view = session.view(node);
    const bool chooses = view.threads[mutator].state == ThreadState::kMustChoose;
    const auto taken = session.step(node, chooses ? StepKind::kChoice : StepKind::kRun, mutator, 0);
    ASSERT_EQ(taken.error, "");
    node = taken.node;
  }
  const Node& met = session.tree().nodes()[node];
  ASSERT_EQ(met.stop, StopReason::kBreakpoint) << met.why;
  EXPECT_EQ(met.why, "breakpoint arc T2");
  EXPECT_EQ(session.view(node).rows.back().arc, "T2");
  EXPECT_THAT(met.text, HasSubstr("caches span"));
}

TEST(BenchSession, ARepeatedRequestChangesNothing) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 1), "");
  const auto first = session.step(0, StepKind::kArc, 0);
  const uint32_t other = next_thread(session.view(first.node), 2);
  const auto second = session.step(first.node, StepKind::kArc, other);
  ASSERT_EQ(second.error, "");
  const size_t nodes = session.tree().nodes().size();
  EXPECT_EQ(session.step(0, StepKind::kArc, 0).node, first.node);
  EXPECT_EQ(session.step(first.node, StepKind::kArc, other).node, second.node);
  EXPECT_EQ(session.tree().nodes().size(), nodes);
  EXPECT_EQ(session.current(), second.node);
  // Another request with the same decisions leads to the same node too.
  const auto access = session.step(0, StepKind::kAccess, 0);
  const bool same = session.tree().nodes()[first.node].decisions.size() == 1;
  EXPECT_EQ(access.node == first.node, same);
  EXPECT_EQ(session.tree().nodes().size(), nodes + (same ? 0 : 1));
}

// Random steps at random nodes: whatever the engine did in between, a node is what a run of its prefix alone shows.
TEST(BenchSession, EveryNodeIsWhatAReplayOfItsPrefixShows) {
  std::mt19937_64 random(sweepscope::testing::seed_or(1));
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 1), "");
  for (int i = 0; i < 150; ++i) {
    const uint32_t node = random() % 3 == 0 ? static_cast<uint32_t>(random() % session.tree().nodes().size())
                                            : session.current();
    const NodeView& view = session.view(node);
    const uint32_t fiber = next_thread(view, static_cast<uint32_t>(random() % view.threads.size()));
    if (fiber == ~0u) continue;
    const size_t n = view.threads[fiber].alternatives.size();
    const auto kind = n > 0 ? StepKind::kChoice : static_cast<StepKind>(1 + random() % 3);
    const auto taken = session.step(node, kind, fiber, n > 0 ? static_cast<uint32_t>(random() % n) : 0);
    ASSERT_EQ(taken.error, "");
  }
  EXPECT_GT(session.tree().nodes().size(), 100u);
  for (uint32_t id = 0; id < session.tree().nodes().size(); ++id) {
    const NodeView& view = session.view(id);
    HandRun alone(session.setup(), nullptr);
    alone.begin();
    for (const Decision& decision : session.tree().prefix(id)) ASSERT_TRUE(alone.take(decision)) << id;
    ASSERT_EQ(alone.steps(), view.steps);
    if (!view.board.known) continue;
    const BoardState board = read_board(alone.runtime());
    ASSERT_EQ(board.sg, view.board.sg);
    ASSERT_EQ(board.spans.size(), view.board.spans.size());
    for (size_t s = 0; s < board.spans.size(); ++s) {
      EXPECT_EQ(board.spans[s].sweepgen, view.board.spans[s].sweepgen);
      EXPECT_EQ(board.spans[s].place, view.board.spans[s].place);
      EXPECT_EQ(board.spans[s].freeindex, view.board.spans[s].freeindex);
      EXPECT_EQ(board.spans[s].mark_bits, view.board.spans[s].mark_bits);
    }
  }
}

class KnownSchedule : public ::testing::TestWithParam<const char*> {};

TEST_P(KnownSchedule, OpensInArcsAndEndsWithItsViolation) {
  const Schedule schedule = counterexample(GetParam());
  BenchSession session;
  ASSERT_EQ(session.load(schedule), "");
  const uint32_t end = leaf(session.tree(), 0);
  const NodeView& view = session.view(end);
  EXPECT_EQ(view.outcome, NodeOutcome::kViolation);
  EXPECT_EQ(view.violation.rule, schedule.violation);
  EXPECT_EQ(view.steps, schedule.steps.size());
  EXPECT_EQ(session.tree().nodes()[end].stop, StopReason::kViolation);
  const auto fired = std::find_if(view.rules.begin(), view.rules.end(),
                                  [&](const RuleLamp& lamp) { return lamp.rule == schedule.violation; });
  ASSERT_NE(fired, view.rules.end());
  EXPECT_EQ(fired->state, RuleState::kFired);
  for (const Node& node : session.tree().nodes()) {
    if (node.kind != StepKind::kLoaded) continue;
    for (const Decision& decision : node.decisions) EXPECT_EQ(decision.fiber, node.fiber);
  }
  EXPECT_NE(view.aftermath.text, "");
  EXPECT_EQ(view.aftermath, what_follows(session.setup(), schedule, view.violation));
  // It opens where its last cycle begins, and is written as it was read.
  EXPECT_NE(session.current(), end);
  EXPECT_EQ(session.schedule(end), schedule);
  // No step beyond the end.
  EXPECT_NE(session.step(end, StepKind::kArc, 1).error, "");
  EXPECT_NE(session.start_search(end), "");
}
INSTANTIATE_TEST_SUITE_P(Faults, KnownSchedule,
                         ::testing::Values("cached-is-plus-two", "acquirep-no-flush", "claim-without-cas",
                                           "sweepone-rejects-cached"),
                         [](const auto& p) {
                           std::string name = p.param;
                           std::erase(name, '-');
                           return name;
                         });

// claim-without-cas: the missing CAS lies inside T6.
TEST(BenchSession, AnArcStepStopsBetweenReadingAndWritingASpanThatAnotherThreadCanClaim) {
  const Schedule schedule = counterexample("claim-without-cas");
  BenchSession session;
  ASSERT_EQ(session.load(schedule), "");
  const std::vector<Node> loaded = session.tree().nodes();
  size_t between = 0;
  for (uint32_t id = 1; id < loaded.size(); ++id) {
    if (loaded[id].stop != StopReason::kBetween) continue;
    const auto again = session.step(loaded[id].parent, StepKind::kArc, loaded[id].fiber);
    ASSERT_EQ(again.error, "");
    const Node& stopped = session.tree().nodes()[again.node];
    if (stopped.stop != StopReason::kBetween) continue;
    ++between;
    EXPECT_THAT(stopped.why, HasSubstr("another thread can write it now"));
    const ThreadView& t = session.view(again.node).threads[loaded[id].fiber];
    EXPECT_TRUE(t.between);
    EXPECT_EQ(t.next.word, engine::Word::kSweepgen);
    EXPECT_THAT(t.text, ::testing::ContainsRegex(
                            "sets the sweepgen of span [0-9]+: needs sweep .-2. -> being swept .-1."));
    EXPECT_EQ(t.file, "engine/heap/arcs.cc");
    EXPECT_GT(t.line, 0u);
    const auto write = session.step(again.node, StepKind::kArc, loaded[id].fiber);
    ASSERT_EQ(write.error, "");
    EXPECT_EQ(session.tree().nodes()[write.node].decisions.size(), 1u);
    EXPECT_EQ(session.view(write.node).rows.back().arc, "T6");
  }
  EXPECT_GT(between, 0u);
}

TEST(BenchSession, TheBoardShowsWhatIsTrueUnderAFaultToo) {
  BenchSession session;
  ASSERT_EQ(session.load(counterexample("cached-is-plus-two")), "");
  bool illegal = false;
  for (uint32_t id = 0; id < session.tree().nodes().size(); ++id)
    for (const BoardSpan& span : session.view(id).board.spans)
      if (span.status == engine::SpanState::kInUse && span.distance == 2) {
        illegal = true;
        EXPECT_EQ(span.state, BoardSpanState::kIllegal);
      }
  EXPECT_TRUE(illegal);

  ASSERT_EQ(session.load(counterexample("acquirep-no-flush")), "");
  bool stale = false;
  for (const BoardSpan& span : session.view(leaf(session.tree(), 0)).board.spans)
    stale |= span.state == BoardSpanState::kStale && span.place == BoardPlace::kCache;
  EXPECT_TRUE(stale);
}

TEST(BenchSession, AScheduleThatDoesNotFitIsRefusedWithItsStep) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 1), "");
  Schedule schedule = counterexample("acquirep-no-flush");
  schedule.steps[40].name = "no such step";
  EXPECT_THAT(session.load(schedule), HasSubstr("does not fit at step 41: expected"));
  schedule.steps.resize(3);
  EXPECT_THAT(session.load(schedule), HasSubstr("ends before the engine is made"));
  schedule.scenario = "moon";
  EXPECT_THAT(session.load(schedule), HasSubstr("unknown scenario"));
  EXPECT_EQ(session.tree().nodes().size(), 1u);
  EXPECT_EQ(session.step(0, StepKind::kArc, 0).error, "");
}

// A prefix of a counterexample leads to it; "note" lets the run pass the check.
TEST(BenchSession, AStoppedRunGoesOnWithItsCheckOnNote) {
  Schedule schedule = counterexample("acquirep-no-flush");
  schedule.checks.push_back(schedule.violation + "=note");
  BenchSession session;
  ASSERT_EQ(session.load(schedule), "");
  const uint32_t end = leaf(session.tree(), 0);
  const NodeView& view = session.view(end);
  const auto noted = std::find_if(view.rules.begin(), view.rules.end(),
                                  [&](const RuleLamp& lamp) { return lamp.rule == schedule.violation; });
  ASSERT_NE(noted, view.rules.end());
  EXPECT_EQ(noted->mode, CheckMode::kNote);
  EXPECT_EQ(noted->state, RuleState::kNoted);
  EXPECT_GE(noted->times, 1u);
}

// The node of a violation says what follows; the others have no such text.
TEST(BenchSession, TheNodeOfAViolationKnowsTheHarm) {
  BenchSession session;
  ASSERT_EQ(session.load(counterexample("acquirep-no-flush")), "");
  const uint32_t end = leaf(session.tree(), 0);
  EXPECT_EQ(session.view(end).aftermath.harm, Harm::kMemory);
  EXPECT_THAT(session.view(end).aftermath.text, HasSubstr("live object"));
  EXPECT_GT(session.view(end).aftermath.step, session.view(end).violation.step);
  for (uint32_t node = 0; node < end; ++node) EXPECT_EQ(session.view(node).aftermath, Aftermath{}) << node;
}

void search_to_the_end(BenchSession& session) {
  while (session.search_answer().standing == SearchStanding::kRunning) session.search_slice(0.05);
}

TEST(BenchSearch, FindsACounterexampleThatBeginsWithThePrefix) {
  BenchSession session;
  ASSERT_EQ(
      session.begin(planted(*engine::find_fault("acquirep-no-flush"), "lazy", *find_scenario("sweep")), 1),
      "");
  uint32_t node = session.step(0, StepKind::kRun, 0).node;
  node = session.step(node, StepKind::kRun, next_thread(session.view(node), 2)).node;
  ASSERT_EQ(session.start_search(node, 60), "");
  // The session steps on between two slices.
  session.search_slice(0.000001);
  const auto meanwhile = session.step(0, StepKind::kAccess, 0);
  EXPECT_EQ(meanwhile.error, "");
  search_to_the_end(session);
  const SearchAnswer& answer = session.search_answer();
  ASSERT_EQ(answer.standing, SearchStanding::kFound) << answer.text;
  const std::vector<uint32_t> path = session.tree().path(answer.found);
  EXPECT_NE(std::find(path.begin(), path.end(), node), path.end());
  EXPECT_EQ(session.view(answer.found).outcome, NodeOutcome::kViolation);
  EXPECT_THAT(answer.text, HasSubstr(session.view(answer.found).violation.rule));
  EXPECT_THAT(answer.text, HasSubstr("; harm: " + describe(session.view(answer.found).aftermath)));
  EXPECT_THAT(answer.text, ::testing::ContainsRegex("; chosen of [2-8] counterexamples"));
  EXPECT_GT(answer.schedules, 0u);
  // It replays by itself.
  const Schedule schedule = session.schedule(answer.found);
  Experiment experiment(session.setup());
  Replay replay(schedule);
  const RunReport report = experiment.run(replay, Experiment::FairTail::kNo);
  EXPECT_EQ(report.outcome, Outcome::kViolation) << report.misfit;
}

TEST(BenchSearch, ReportsThatThereIsNoneWithinBounds) {
  if (!kRunsHaveImages) GTEST_SKIP() << "a complete search takes minutes in a sanitizer build";
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("pair", {1, 1}), 1), "");
  ASSERT_EQ(session.start_search(0, 120), "");
  search_to_the_end(session);
  EXPECT_EQ(session.search_answer().standing, SearchStanding::kNothing) << session.search_answer().text;
  EXPECT_THAT(session.search_answer().text, HasSubstr("complete within: 1 P, 1 span"));
  EXPECT_THAT(session.search_answer().text, HasSubstr("preemptions <= 2"));
}

TEST(BenchSearch, NotFoundInTimeProvesNothingAndACancelledSearchSaysSo) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep", {2, 2}), 1), "");
  ASSERT_EQ(session.start_search(0, 0.2), "");
  search_to_the_end(session);
  EXPECT_EQ(session.search_answer().standing, SearchStanding::kUndecided);
  EXPECT_THAT(session.search_answer().text, HasSubstr("proves nothing"));
  ASSERT_EQ(session.start_search(0, 60), "");
  session.search_slice(0.01);
  session.cancel_search();
  EXPECT_EQ(session.search_answer().standing, SearchStanding::kCancelled);
}

// From a node at which main waits for the mutators, and the decision is which thread runs.
TEST(BenchSearch, BeginsWhereAThreadWaits) {
  BenchSession session;
  ASSERT_EQ(
      session.begin(planted(*engine::find_fault("acquirep-no-flush"), "lazy", *find_scenario("sweep")), 1),
      "");
  const uint32_t node = session.step(0, StepKind::kRun, 0).node;
  ASSERT_EQ(session.view(node).threads[0].state, ThreadState::kBlocked);
  ASSERT_EQ(session.start_search(node, 60), "");
  search_to_the_end(session);
  EXPECT_EQ(session.search_answer().standing, SearchStanding::kFound) << session.search_answer().text;
}

// From a node at which a thread must choose.
TEST(BenchSearch, BeginsAtADataChoiceToo) {
  BenchSession session;
  ASSERT_EQ(
      session.begin(planted(*engine::find_fault("cached-is-plus-two"), "lazy", *find_scenario("sweep")), 1),
      "");
  uint32_t node = session.step(0, StepKind::kRun, 0).node;
  const uint32_t mutator = next_thread(session.view(node), 2);
  node = session.step(node, StepKind::kRun, mutator).node;
  ASSERT_EQ(session.view(node).threads[mutator].state, ThreadState::kMustChoose);
  ASSERT_EQ(session.start_search(node, 60), "");
  search_to_the_end(session);
  ASSERT_EQ(session.search_answer().standing, SearchStanding::kFound);
  // Both searches choose for themselves: not the same alternative in every schedule.
  EXPECT_EQ(session.view(session.search_answer().found).outcome, NodeOutcome::kViolation);
}

}  // namespace
}  // namespace sweepscope::laboratory
