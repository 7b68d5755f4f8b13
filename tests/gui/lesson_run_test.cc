// Where a student stands in a lesson: every embedded lesson, played on the real laboratory in this process.
#include "gui/models/lesson_run.h"

#include <gtest/gtest.h>
#include <functional>
#include <set>

#include "gui/models/lesson_words.h"
#include "telemetry/lessons/catalogue.h"
#include "tests/gui/support/lesson_player.h"

namespace sweepscope::gui {
namespace {

using testing::LessonPlayer;
using Next = LessonRun::Next;

std::vector<QString> ids() {
  std::vector<QString> all;
  for (const auto& lesson : telemetry::lessons::catalogue().lessons)
    all.push_back(QString::fromStdString(lesson.id));
  EXPECT_GE(all.size(), 10u);
  return all;
}

constexpr int kMostPresses = 2000;

TEST(LessonRun, EveryLessonIsPlayedFromItsFirstBeatToItsEnd) {
  for (const QString& id : ids()) {
    LessonPlayer player(id);
    LessonRun& run = player.run;
    int presses = 0;
    for (; !run.progress().finished && presses < kMostPresses; ++presses) {
      if (run.asks()) run.pick(run.beat().prediction->right);
      const bool ends = run.next() == Next::kBeat || run.next() == Next::kFinish;
      EXPECT_EQ(ends, run.explained()) << qPrintable(id) << " " << run.beat().name;
      if (ends && run.beat().prediction) {
        EXPECT_TRUE(run.right());
      }
      if (ends && run.handsOn()) {
        for (const LessonRun::Check& check : run.checks())
          EXPECT_TRUE(check.ticked) << qPrintable(check.text);
      }
      ASSERT_TRUE(player.forward()) << qPrintable(id) << " " << run.beat().name;
    }
    EXPECT_LT(presses, kMostPresses) << qPrintable(id);
    EXPECT_EQ(run.beatNumber() + 1, run.beats()) << qPrintable(id);
    for (const bool seen : run.progress().seen) EXPECT_TRUE(seen) << qPrintable(id);
  }
}

// It stays named when the student goes back to the task.
TEST(LessonRun, AHiddenFaultIsNamedWhenTheQuestionOfItsRunIsAnswered) {
  LessonPlayer player(QStringLiteral("exam"));
  LessonRun& run = player.run;
  EXPECT_FALSE(run.examines());
  EXPECT_FALSE(run.hidesFault());
  uint32_t exams = 0;
  while (!run.progress().finished) {
    if (run.asks()) {
      EXPECT_TRUE(run.hidesFault()) << run.beat().name;
      run.pick(run.beat().prediction->right);
      ASSERT_TRUE(player.forward());
      EXPECT_FALSE(run.hidesFault()) << run.beat().name;
      ASSERT_TRUE(player.back());
      EXPECT_TRUE(run.handsOn());
      EXPECT_FALSE(run.hidesFault()) << run.beat().name;
      while (!run.beat().prediction) ASSERT_TRUE(player.forward());
      ++exams;
    } else if (run.examines() && run.handsOn() && !run.handsOnDone()) {
      EXPECT_TRUE(run.hidesFault()) << run.beat().name;
    }
    ASSERT_TRUE(player.forward());
  }
  EXPECT_EQ(exams, 3u);
}

TEST(LessonRun, AFaultThatTheLessonNamesIsNotHidden) {
  LessonPlayer player(QStringLiteral("7"));
  while (!player.run.progress().finished) {
    EXPECT_FALSE(player.run.hidesFault());
    EXPECT_FALSE(player.run.examines());
    if (player.run.asks()) player.run.pick(0);
    ASSERT_TRUE(player.forward());
  }
}

TEST(LessonRun, NothingIsRevealedBeforeThePredictionIsAnswered) {
  for (const QString& id : ids()) {
    LessonPlayer player(id);
    LessonRun& run = player.run;
    while (!run.progress().finished) {
      if (run.asks()) {
        EXPECT_EQ(run.next(), Next::kChoose);
        EXPECT_EQ(run.node(), run.opens());
        EXPECT_EQ(player.scene.shown(), run.opens());
        EXPECT_FALSE(run.canStep());
        EXPECT_FALSE(run.explained());
        EXPECT_TRUE(resultWords(run).isEmpty());
        const uint32_t right = run.beat().prediction->right, wrong = right == 0 ? 1 : 0;
        run.pick(wrong);
        EXPECT_EQ(run.next(), Next::kAnswer);
        ASSERT_TRUE(player.forward());
        EXPECT_FALSE(run.right());
        EXPECT_EQ(run.answered(), wrong);
        EXPECT_TRUE(resultWords(run).contains(QString::fromStdString(run.beat().prediction->choices[right])));
        continue;
      }
      ASSERT_TRUE(player.forward());
    }
  }
}

TEST(LessonRun, BackShowsTheSameNodesInReverse) {
  for (const QString& id : ids()) {
    LessonPlayer player(id);
    LessonRun& run = player.run;
    std::vector<std::pair<uint32_t, uint32_t>> way{{0, player.scene.shown()}};
    while (run.next() != Next::kFinish) {
      ASSERT_TRUE(player.forward());
      if (way.back() != std::pair(run.beatNumber(), player.scene.shown()))
        way.emplace_back(run.beatNumber(), player.scene.shown());
    }
    for (way.pop_back(); !way.empty(); way.pop_back()) {
      ASSERT_TRUE(player.back()) << qPrintable(id);
      EXPECT_EQ(std::pair(run.beatNumber(), player.scene.shown()), way.back()) << qPrintable(id);
    }
    EXPECT_FALSE(player.back());
    EXPECT_FALSE(run.asks()) << "an answer that was given stays";
  }
}

TEST(LessonRun, TheStudentsOwnStepsFillTheCheckList) {
  LessonPlayer player("2");
  LessonRun& run = player.run;
  run.pick(0);
  ASSERT_TRUE(player.forward());
  ASSERT_TRUE(run.canStep());
  ASSERT_EQ(run.checks().size(), 1u);
  EXPECT_FALSE(run.checks()[0].ticked);
  for (int i = 0; i < 50 && !run.handsOnDone(); ++i) {
    EXPECT_FALSE(run.explained());
    ASSERT_EQ(player.step(telemetry::BenchStepKind::kAccess, "collector"), "");
  }
  EXPECT_TRUE(run.handsOnDone());
  EXPECT_TRUE(run.explained());
  EXPECT_EQ(player.scene.shownView()->board.sg, 6u);
  // What follows, and a look at an earlier step, do not undo it.
  ASSERT_EQ(player.step(telemetry::BenchStepKind::kArc, "collector"), "");
  player.show(0);
  EXPECT_TRUE(run.handsOnDone());
}

TEST(LessonRun, ShowMeContinuesWhereTheStudentStandsOnThePath) {
  LessonPlayer player("7");
  LessonRun& run = player.run;
  run.pick(1);
  ASSERT_TRUE(player.forward());
  ASSERT_EQ(run.next(), Next::kDo);
  const uint32_t opens = run.opens();
  ASSERT_EQ(player.step(telemetry::BenchStepKind::kArc, "mutator 2"), "");  // not the path's first step
  EXPECT_EQ(run.step(), 0u);
  player.show(opens);
  ASSERT_EQ(player.step(telemetry::BenchStepKind::kArc, "mutator 1"), "");  // the path's first step
  EXPECT_EQ(run.step(), 1u);
  ASSERT_TRUE(player.forward());
  EXPECT_EQ(run.step(), 2u);
  EXPECT_TRUE(run.showing());
  while (run.next() == Next::kDo) ASSERT_TRUE(player.forward());
  EXPECT_EQ(run.step(), run.steps());
}

TEST(LessonRun, AnyPairOfNumbersIsAnsweredInWords) {
  LessonPlayer player("1");
  LessonRun& run = player.run;
  while (!run.types()) ASSERT_TRUE(player.forward());
  EXPECT_FALSE(run.canStep());
  EXPECT_TRUE(run.type(6, 4).contains("needs sweep"));
  EXPECT_TRUE(run.type(6, 8).contains("illegal"));
  EXPECT_TRUE(run.type(6, 8).contains("+2"));
  EXPECT_TRUE(run.type(0, 4294967294u).contains("needs sweep")) << "it wraps";
  EXPECT_TRUE(run.type(4294967294u, 0).contains("illegal"));
  EXPECT_TRUE(run.type(5, 8).contains("never odd"));
  EXPECT_TRUE(run.checks()[0].ticked);
  EXPECT_FALSE(run.checks()[1].ticked);
  EXPECT_FALSE(run.handsOnDone());
  for (int distance = -3; distance <= 3; ++distance) run.type(6, static_cast<uint32_t>(6 + distance));
  EXPECT_TRUE(run.handsOnDone());
  EXPECT_EQ(run.example(), std::nullopt);
}

TEST(LessonRun, ProgressIsKeptAndOneThatDoesNotFitIsIgnored) {
  LessonPlayer player("4");
  while (player.run.beatNumber() < 2) ASSERT_TRUE(player.forward());
  const LessonProgress kept = player.run.progress();
  LessonRun again(*player.source.lesson);
  again.restore(kept);
  EXPECT_EQ(again.beatNumber(), 2u);
  EXPECT_EQ(again.progress().answers, kept.answers);
  EXPECT_FALSE(again.ready());
  for (const auto& damage : std::vector<std::function<void(LessonProgress&)>>{
           [](LessonProgress& p) { p.beat = 99; }, [](LessonProgress& p) { p.seen.clear(); },
           [](LessonProgress& p) { p.answers[0] = 77; }, [](LessonProgress& p) { p.answers[1] = -9; },
           [](LessonProgress& p) { p.done.push_back(true); }}) {
    LessonProgress damaged = kept;
    damage(damaged);
    LessonRun other(*player.source.lesson);
    other.restore(damaged);
    EXPECT_EQ(other.beatNumber(), 0u);
  }
}

telemetry::BenchNode node(uint32_t parent, telemetry::BenchStepKind kind, uint32_t thread,
                          std::string text = {}) {
  telemetry::BenchNode n;
  n.parent = parent, n.kind = kind, n.thread = thread, n.text = std::move(text);
  return n;
}

TEST(LessonRun, AccessesOfAThreadAreOnePressAndArcsAreOneEach) {
  using K = telemetry::BenchStepKind;
  const std::vector<telemetry::BenchNode> nodes{node(telemetry::kNoNode, K::kStart, 0),
                                                node(0, K::kAccess, 1),
                                                node(1, K::kAccess, 1),
                                                node(2, K::kAccess, 2),
                                                node(3, K::kAccess, 2, "P1 claims span 3 (T7)"),
                                                node(4, K::kAccess, 2),
                                                node(5, K::kArc, 2),
                                                node(6, K::kArc, 2),
                                                node(7, K::kChoice, 1),
                                                node(0, K::kArc, 1)};
  EXPECT_EQ(stopsOfBeat(nodes, 0, 8), (std::vector<uint32_t>{0, 2, 4, 5, 6, 7, 8}));
  EXPECT_EQ(stopsOfBeat(nodes, 4, 4), (std::vector<uint32_t>{4}));
  EXPECT_EQ(stopsOfBeat(nodes, 9, 8), (std::vector<uint32_t>{9})) << "not on the path";
}

TEST(LessonRun, QuietStepsArePassedOverAndTheLastStepOfABeatIsNot) {
  using K = telemetry::BenchStepKind;
  std::vector<telemetry::BenchNode> nodes{node(telemetry::kNoNode, K::kStart, 0),
                                          node(0, K::kArc, 1),
                                          node(1, K::kArc, 1),
                                          node(2, K::kArc, 2),
                                          node(3, K::kAccess, 2),
                                          node(4, K::kAccess, 2),
                                          node(5, K::kChoice, 1),
                                          node(6, K::kArc, 1)};
  const auto stops = [&](std::set<size_t> quiet) {
    for (size_t i = 0; i < nodes.size(); ++i) nodes[i].quiet = quiet.count(i) > 0;
    return stopsOfBeat(nodes, 0, 7);
  };
  EXPECT_EQ(stops({}), (std::vector<uint32_t>{0, 1, 2, 3, 5, 6, 7}));
  EXPECT_EQ(stops({1, 2}), (std::vector<uint32_t>{0, 3, 5, 6, 7}));
  EXPECT_EQ(stops({3, 5, 6}), (std::vector<uint32_t>{0, 1, 2, 5, 7}))
      << "the first access of the two is to be seen";
  EXPECT_EQ(stops({3, 4, 5, 6, 7}), (std::vector<uint32_t>{0, 1, 2, 7}));
  EXPECT_EQ(stops({1, 2, 3, 4, 5, 6, 7}), (std::vector<uint32_t>{0, 7}));
}

// In every lesson: a press changes the board or ends the beat, and names each arc; no more steps are passed over than named.
TEST(LessonWords, AStepNamesWhatChangedTheBoardAndHowManyStepsDidNot) {
  size_t folded = 0, all = 0;
  for (const QString& id : ids()) {
    LessonPlayer player(id);
    LessonRun& run = player.run;
    while (!run.progress().finished) {
      const uint32_t before = run.node(), step = run.step();
      ASSERT_TRUE(player.forward());
      if (run.step() != step + 1) continue;
      ++all;
      const QString text = stepWords(run, player.scene);
      size_t quiet = 0, nodes = 0;
      for (uint32_t at = run.node(); at != before; at = player.scene.state().nodes[at].parent, ++nodes) {
        quiet += player.scene.state().nodes[at].quiet;
        const telemetry::BenchView* view = player.scene.view(at);
        for (size_t i = 0; view != nullptr && nodes < 3 && i < view->rows.size(); ++i)
          EXPECT_TRUE(view->rows[i].arc.empty() ||
                      text.contains(QString::fromStdString("(" + view->rows[i].arc + ")")))
              << qPrintable(text);
      }
      EXPECT_TRUE(quiet < nodes || run.step() == run.steps()) << qPrintable(id) << " " << qPrintable(text);
      if (text.contains(QLatin1String("nothing on the board"))) ++folded;
      EXPECT_TRUE(quiet > 0 || !text.contains(QLatin1String("nothing on the board"))) << qPrintable(text);
    }
  }
  EXPECT_GT(all, 60u);
  EXPECT_GT(folded, 10u);
}

TEST(LessonWords, ThePresenterReadsAnAnswerOnlyWhereThereIsAQuestion) {
  telemetry::lessons::Beat beat;
  telemetry::lessons::Act goal;
  goal.kind = telemetry::lessons::Act::Kind::kGoal;
  goal.text = "collector until sg rises";
  beat.acts.push_back(goal);
  EXPECT_EQ(answerWords(beat), "No question in this beat.\nSteps: collector until sg rises");
  beat.prediction.emplace();
  beat.prediction->choices = {"One", "None"};
  beat.prediction->right = 1;
  beat.prediction->because = "So it is.";
  EXPECT_EQ(answerWords(beat), "Answer: None\nSo it is.\nSteps: collector until sg rises");
}

TEST(LessonWords, TheFilesCharactersAreTextAndNewWordsAreMarkedOnce) {
  const std::vector<telemetry::lessons::Word> words{
      {"span", "a run"}, {"<i>", "markup"}, {"margin", "a word of the HTML"}};
  const QString html = paragraphsHtml({"Spans: a span, two spans <i>& more</i>", "A span again"}, words);
  EXPECT_FALSE(html.contains("<i>"));
  EXPECT_TRUE(html.contains("&lt;i&gt;&amp; more"));
  EXPECT_EQ(html.count("<b>span</b>"), 1);
  EXPECT_FALSE(html.contains("<b>margin</b>"));
  EXPECT_FALSE(wordsHtml(words).contains("<i>"));
  EXPECT_EQ(clockWords(125'999, 3), "2:05 of 3 minutes");
  EXPECT_EQ(clockWords(0, 1), "0:00 of 1 minute");
}

}  // namespace
}  // namespace sweepscope::gui
