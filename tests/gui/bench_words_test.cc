// Sentences of the step mode: made from values, with a subject, the rule in words first.
#include <gtest/gtest.h>

#include "gui/models/bench_words.h"
#include "tests/gui/support/bench_fixture.h"

namespace sweepscope::gui {
namespace {

using testing::BenchFixture;
using testing::Story;

const telemetry::BenchRow& arcOf(const telemetry::BenchView& view) {
  for (const telemetry::BenchRow& row : view.rows)
    if (!row.arc.empty()) return row;
  ADD_FAILURE() << "no arc in node " << view.node;
  return view.rows.front();
}

StepSentence sentenceAt(const BenchFixture& fixture, size_t node) {
  return sentenceOf(arcOf(fixture.views[node]), fixture.views[node]);
}

TEST(BenchWords, AFrameWithoutCardsTellsWhatIsStillThere) {
  telemetry::Board board;
  EXPECT_EQ(emptyWords(telemetry::BoardPlace::kEmpty, board), "no span");
  board.spans.resize(1);
  board.spans[0].place = telemetry::BoardPlace::kCache;
  EXPECT_EQ(emptyWords(telemetry::BoardPlace::kEmpty, board), "none but the cached spans");
  EXPECT_EQ(emptyWords(telemetry::BoardPlace::kNonempty, board), "no span");
  EXPECT_EQ(emptyWords(telemetry::BoardPlace::kFree, board), "none now; the heap can grow");
}

TEST(BenchWords, AnArcIsASentenceWithItsSubjectItsSpanAndItsValues) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  const StepSentence cached = sentenceAt(fixture, 3);
  EXPECT_EQ(cached.rule, "a swept span becomes cached, T2");
  EXPECT_EQ(cached.text, QStringLiteral("P1 caches span 1: 0 \u2192 +3"));
  EXPECT_FALSE(cached.differs);
  const StepSentence claim = sentenceAt(fixture, 5);
  EXPECT_EQ(claim.rule, "a sweeper claims an unswept span, T6");
  EXPECT_EQ(claim.text, QStringLiteral("sweeper claims span 2 for sweeping: \u22122 \u2192 \u22121"));
  EXPECT_EQ(sentenceAt(fixture, 6).rule, "the sweep of a span ends, T8b");
  EXPECT_EQ(sentenceAt(fixture, 7).text,
            QStringLiteral("P1 claims the stale span 1 for sweeping: +1 \u2192 \u22121"));
}

TEST(BenchWords, TheTurnNamesBothValuesOfSg) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  EXPECT_EQ(sentenceAt(fixture, 4).text, "main turns sg from 8 to 10");
}

TEST(BenchWords, ValuesThatAreNotThoseOfTheRuleAreReportedAndNotClaimed) {
  const BenchFixture fixture = testing::benchFixture(Story::kCachedIsPlusTwo);
  const StepSentence sentence = sentenceAt(fixture, 2);
  EXPECT_TRUE(sentence.differs);
  EXPECT_EQ(sentence.text, QStringLiteral("P0 writes span 0: 0 \u2192 +2, but T2 is 0 \u2192 +3"));
  EXPECT_EQ(stateAfter(arcOf(fixture.views[2]), fixture.views[2]), CellState::kIllegal);
}

TEST(BenchWords, AStepThatTurnsSgLaterIsReadWithTheSgOfItsMoment) {
  BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  telemetry::BenchView& view = fixture.views[4];
  telemetry::BenchRow before = fixture.views[3].rows[2];  // span 1: 8 -> 11 while sg was 8
  before.step = view.rows[0].step - 1;
  view.rows.insert(view.rows.begin(), before);
  EXPECT_EQ(sentenceOf(view.rows[0], view).text, QStringLiteral("P1 caches span 1: 0 \u2192 +3"));
}

TEST(BenchWords, ABlockedThreadNamesWhatItWaitsForAndWhoHoldsIt) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  const telemetry::BenchView& view = fixture.views[1];
  EXPECT_EQ(nextSentence(view.threads[2], view), "Blocked: mcentral.lock of class 5; held by mutator 1");
  EXPECT_EQ(nextSentence(view.threads[0], view),
            "Blocked: waits until all threads have ended (world: 3 threads run)");
  EXPECT_EQ(nextSentence(view.threads[1], view), QStringLiteral("P0: store span 0 sweepgen 8 \u2192 11"));
  EXPECT_EQ(lockSentence(view.board.locks[0], view),
            "mcentral.lock of class 5: held by mutator 1; waiting: mutator 2");
  EXPECT_EQ(nextSentence(fixture.views[5].threads[1], fixture.views[5]),
            "Chooses: allocate, drop object 2, move to P1");
}

TEST(BenchWords, AHolderIsNamedOnce) {
  telemetry::BenchView view = testing::benchFixture(Story::kCorrect).views[1];
  view.threads[2].text = "P1: waits for mcentral.lock of class 5, held by P0";
  EXPECT_EQ(nextSentence(view.threads[2], view),
            "Blocked: P1: waits for mcentral.lock of class 5, held by P0");
}

TEST(BenchWords, AThreadIsNotBlockedWhenTheRunHasStopped) {
  telemetry::BenchView view = testing::benchFixture(Story::kCorrect).views[1];
  view.verdict.outcome = telemetry::BenchOutcome::kViolation;
  view.threads[2].text = "P1: the run has ended before: take sched.lock";
  EXPECT_EQ(nextSentence(view.threads[2], view), "P1: the run has ended before: take sched.lock");
}

TEST(BenchWords, ASpanIsNamedWithItsPlaceItsDistanceAndItsState) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  const telemetry::BenchView& view = fixture.views[4];
  EXPECT_EQ(
      spanSentence(view.board.spans[1], 10),
      "Span 1 is in the cache of P1. Its sweepgen 11 is sg 10 +1: stale cached (cached before this sweep phase "
      "began: only a flush of its cache may sweep it). It is in the swept queue.");
  EXPECT_EQ(spanSentence(view.board.spans[3], 10), "Span 3 is free, with 1 page.");
  telemetry::BoardSpan both = view.board.spans[1];
  both.queue = telemetry::BoardQueue::kBoth;
  EXPECT_TRUE(spanSentence(both, 10).contains("It is in both queues"));
  telemetry::BoardSpan stack = view.board.spans[1];
  stack.place = telemetry::BoardPlace::kManual;
  EXPECT_EQ(spanSentence(stack, 10), "Span 1 is a stack, with 1 page. It is never swept.");
  const BenchFixture fault = testing::benchFixture(Story::kCachedIsPlusTwo);
  EXPECT_TRUE(spanSentence(fault.views[3].board.spans[0], 8).contains("sg 8 +2: illegal"));
}

TEST(BenchWords, AVerdictNamesTheDetectorTheStepAndTheRule) {
  const BenchFixture fixture = testing::benchFixture(Story::kCachedIsPlusTwo);
  const QStringList lines = verdictLines(fixture.state.view, fixture.state.setup);
  EXPECT_EQ(lines.first(), "Fired after 15 steps: I6");
  EXPECT_TRUE(lines.contains("Found by the oracle, a shadow heap outside the engine."));
  EXPECT_TRUE(
      lines.join(' ').contains("a span is in at most one mcache, and reads +1 or +3 exactly while it is"));
  telemetry::BenchView examined = fixture.state.view;
  EXPECT_FALSE(lines.join(' ').contains("What follows")) << "not examined";
  examined.verdict.harm = "memory";
  examined.verdict.harm_text = "mutator 1 frees the live object 2, 37 steps later, with I6 noted";
  EXPECT_TRUE(
      verdictLines(examined, fixture.state.setup)
          .contains("What follows if it is ignored: memory: mutator 1 frees the live object 2, 37 steps "
                    "later, with I6 noted."));
  const BenchFixture correct = testing::benchFixture(Story::kCorrect);
  EXPECT_EQ(verdictLines(correct.state.view, correct.state.setup).first(), "No rule was violated so far");
}

TEST(BenchWords, ALanesMarkNamesNotItsActor) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  telemetry::BenchNode step;
  step.thread = 1;
  const auto label = [&](const char* text) {
    step.text = text;
    return stepLabel(step, &fixture.views[1], &fixture.views[0]);
  };
  EXPECT_EQ(label("P0 takes span 0 from the list nonempty"), "takes span 0 from the list nonempty");
  EXPECT_EQ(label("P0 sets P1: idle -> running"), QStringLiteral("P1: idle \u2192 running"));
  EXPECT_EQ(label("mutator 1: takes sched.lock"), "takes sched.lock");
  EXPECT_EQ(label("P0 ends the flush of P0: flushGen 4 -> 6"),
            QStringLiteral("ends the flush of P0: flushGen 4 \u2192 6"));
  EXPECT_EQ(label("P01 stays"), "P01 stays");
  step.kind = telemetry::BenchStepKind::kChoice, step.choice = 1;
  EXPECT_EQ(stepLabel(step, &fixture.views[6], &fixture.views[5]), "drop object 2");
  step.choice = 99;
  EXPECT_EQ(stepLabel(step, &fixture.views[6], &fixture.views[5]), "P01 stays");
}

// The turn moves the distance of every sweepgen, and writes to no span.
TEST(BenchScene, NoCardChangesAtTheTurn) {
  telemetry::BoardSpan before = testing::benchFixture(Story::kCorrect).views[4].board.spans[1];
  before.place = telemetry::BoardPlace::kManual;
  telemetry::BoardSpan after = before;
  after.distance -= 2;
  EXPECT_TRUE(sameCard(before, after, true));
  before.place = after.place = telemetry::BoardPlace::kNonempty;
  before.queue = telemetry::BoardQueue::kSwept, after.queue = telemetry::BoardQueue::kUnswept;
  EXPECT_TRUE(sameCard(before, after, true));
  EXPECT_FALSE(sameCard(before, after, false)) << "moved from one queue to the other";
  after.sweepgen += 2;
  EXPECT_FALSE(sameCard(before, after, true));
}

TEST(BenchScene, FollowsTheSessionButLooksBackWithoutMovingIt) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  BenchScene scene = testing::benchScene(fixture);
  EXPECT_EQ(scene.shown(), 7u);
  EXPECT_TRUE(scene.atCurrent());
  EXPECT_EQ(scene.back(), 6u);
  scene.show(6);
  EXPECT_FALSE(scene.atCurrent());
  EXPECT_EQ(scene.state().current, 7u);
  EXPECT_EQ(scene.forward(), 7u);
  telemetry::BenchState same = fixture.state;  // a change that moves nothing, such as a name
  same.nodes[2].name = "here";
  scene.setState(same);
  EXPECT_EQ(scene.shown(), 6u);
}

TEST(BenchScene, ABranchHasSiblingsAndForwardReturnsToTheOneThatWasShown) {
  BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  telemetry::BenchNode other = fixture.state.nodes[7];
  other.text = "another step";
  fixture.state.nodes.push_back(other);
  BenchScene scene = testing::benchScene(fixture);
  EXPECT_EQ(scene.siblings(), (std::vector<uint32_t>{8}));
  scene.show(8);
  scene.show(6);
  EXPECT_EQ(scene.forward(), 8u);
  scene.show(7);
  scene.show(5);
  scene.show(6);
  EXPECT_EQ(scene.forward(), 7u);
}

TEST(BenchScene, ANewTreeForgetsTheViewsOfTheOldOne) {
  BenchScene scene = testing::benchScene(testing::benchFixture(Story::kCorrect));
  ASSERT_NE(scene.view(3), nullptr);
  BenchFixture fault = testing::benchFixture(Story::kCachedIsPlusTwo);
  scene.setState(fault.state);
  EXPECT_EQ(scene.view(3), nullptr);
  EXPECT_EQ(scene.wanted(3), (std::vector<uint32_t>{6, 5, 4}));
}

TEST(BenchScene, KeepsABoundedNumberOfViews) {
  BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  for (uint32_t i = 8; i < 2000; ++i) {
    telemetry::BenchNode node = fixture.state.nodes[7];
    node.parent = i - 1;
    fixture.state.nodes.push_back(node);
  }
  fixture.state.current = 1999;
  fixture.state.view.node = 1999;
  BenchScene scene = testing::benchScene(fixture);
  for (uint32_t i = 0; i < 2000; ++i) {
    telemetry::BenchView view = fixture.views[7];
    view.node = i;
    scene.addView(view);
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < 2000; ++i) kept += scene.view(i) != nullptr;
  EXPECT_EQ(kept, BenchScene::kMostViews);
  EXPECT_EQ(scene.path().size(), 2000u);
}

}  // namespace
}  // namespace sweepscope::gui
