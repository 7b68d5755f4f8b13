// The task of a hands-on beat, on the real laboratory in this process: done by the student, shown by the lesson, or lost on
// the way; and what the card says of it.
#include <gtest/gtest.h>

#include <QLabel>
#include <QPushButton>
#include <functional>

#include "gui/models/lesson_run.h"
#include "gui/models/lesson_words.h"
#include "gui/theme/theme.h"
#include "gui/views/lesson_card.h"
#include "tests/gui/support/lesson_player.h"

namespace sweepscope::gui {
namespace {

using telemetry::BenchStepKind;
using telemetry::BenchThread;
using telemetry::BenchThreadState;
using testing::LessonPlayer;
using Next = LessonRun::Next;

TEST(LessonTask, WhatWasShownIsTakenBackAndCanBeDone) {
  LessonPlayer player("7");
  LessonRun& run = player.run;
  run.pick(1);
  ASSERT_TRUE(player.forward());
  ASSERT_EQ(run.next(), Next::kDo);
  EXPECT_EQ(shownWords(run), QString());
  while (run.next() == Next::kDo) ASSERT_TRUE(player.forward());
  const uint32_t lastStop = run.node();
  EXPECT_TRUE(run.handsOnDone());
  EXPECT_TRUE(run.shownOnly());
  EXPECT_TRUE(run.explained());
  EXPECT_TRUE(run.checks()[0].shown);
  EXPECT_NE(shownWords(run), QString());
  EXPECT_FALSE(run.progress().done[run.beatNumber()]);
  // From the next beat back to its end: still shown.
  ASSERT_TRUE(player.forward());
  ASSERT_TRUE(player.back());
  EXPECT_TRUE(run.shownOnly());
  while (run.step() > 0) ASSERT_TRUE(player.back());
  EXPECT_FALSE(run.handsOnDone());
  EXPECT_FALSE(run.checks()[0].ticked);
  EXPECT_EQ(run.next(), Next::kDo);
  // A look at the steps that the lesson took does nothing for the student.
  player.show(lastStop);
  EXPECT_FALSE(run.progress().done[run.beatNumber()]);
  player.show(run.opens());
  for (int i = 0; i < 60 && !run.handsOnDone(); ++i)
    ASSERT_EQ(player.step(telemetry::BenchStepKind::kArc, "mutator 1"), "");
  EXPECT_TRUE(run.progress().done[run.beatNumber()]);
  EXPECT_FALSE(run.shownOnly());
  EXPECT_FALSE(run.checks()[0].shown);
  player.show(run.opens());
  EXPECT_TRUE(run.handsOnDone()) << "what the student did stays done";
}

TEST(LessonTask, AWayThatEndsBeforeTheTaskIsDoneSaysSoAndLeadsBack) {
  LessonPlayer player("7");
  LessonRun& run = player.run;
  run.pick(1);
  ASSERT_TRUE(player.forward());
  ASSERT_TRUE(run.canStep());
  const uint32_t opens = run.opens();
  ASSERT_EQ(player.step(BenchStepKind::kArc, "mutator 1"), "");  // the first step of the lesson's path
  ASSERT_EQ(run.step(), 1u);
  ASSERT_FALSE(run.handsOnDone());
  EXPECT_EQ(deadEndWords(run), QString());
  const telemetry::BenchView running = *player.scene.shownView();
  const auto stopAs = [&](const std::function<void(telemetry::BenchView&)>& change) {
    telemetry::BenchView view = running;
    change(view);
    player.scene.addView(view);
    run.look(player.scene);
    return deadEndWords(run);
  };
  const auto violated = [](const char* kind, const char* rule) {
    return [=](telemetry::BenchView& view) {
      view.verdict.outcome = telemetry::BenchOutcome::kViolation;
      view.verdict.kind = kind, view.verdict.rule = rule;
    };
  };
  EXPECT_TRUE(stopAs(violated("oracle", "I6")).contains("rule I6 has stopped the run. Press Backspace"));
  EXPECT_EQ(run.node(), opens) << "back to where it began";
  EXPECT_TRUE(stopAs(violated("engine check", "bad flushGen")).contains("check \"bad flushGen\""));
  EXPECT_TRUE(stopAs(violated("deadlock", "")).contains("ended with a deadlock"));
  EXPECT_TRUE(stopAs([](telemetry::BenchView& view) {
                view.verdict.outcome = telemetry::BenchOutcome::kFinished;
              }).contains("the run has ended."));
  EXPECT_TRUE(stopAs([](telemetry::BenchView& view) {
                for (telemetry::BenchThread& t : view.threads)
                  t.state = telemetry::BenchThreadState::kBlocked;
              }).contains("no thread can run any more"));
  player.show(opens);
  EXPECT_EQ(deadEndWords(run), QString());
  EXPECT_TRUE(run.canStep());
}

// Lesson 2 asks for the turn to sg 6. Who runs on and on misses it.
TEST(LessonTask, TheCardLeadsBackFromARunThatHasEnded) {
  LessonPlayer player("2");
  LessonRun& run = player.run;
  run.pick(0);
  ASSERT_TRUE(player.forward());
  const uint32_t opens = run.opens();
  const auto able = [&](BenchThreadState state) -> const BenchThread* {
    for (const BenchThread& thread : player.scene.shownView()->threads)
      if (thread.state == state) return &thread;
    return nullptr;
  };
  for (int i = 0; i < 200 && deadEndWords(run).isEmpty() && !run.handsOnDone(); ++i) {
    const BenchThread* chooses = able(BenchThreadState::kMustChoose);
    const BenchThread* runs = able(BenchThreadState::kCanRun);
    ASSERT_TRUE(chooses != nullptr || runs != nullptr);
    ASSERT_EQ(chooses != nullptr ? player.step(BenchStepKind::kChoice, chooses->name)
                                 : player.step(BenchStepKind::kRun, runs->name),
              "");
  }
  ASSERT_TRUE(deadEndWords(run).contains("the run has ended. Press Backspace"))
      << qPrintable(deadEndWords(run));
  const Theme theme(ThemeKind::kDark);
  LessonCard card(player.scene, theme);
  card.setRun(&run);
  EXPECT_TRUE(card.plainText().contains("cannot be done any more"));
  const auto buttons = card.findChildren<QPushButton*>();
  EXPECT_TRUE(std::any_of(buttons.begin(), buttons.end(), [](const QPushButton* button) {
    return !button->isHidden() && button->accessibleName() == "Back to where it began (Backspace)";
  }));
  player.show(run.node());
  EXPECT_EQ(player.scene.shown(), opens);
  card.refresh();
  EXPECT_FALSE(card.plainText().contains("cannot be done any more"));
  while (run.next() == Next::kDo) ASSERT_TRUE(player.forward());
  card.refresh();
  EXPECT_TRUE(card.plainText().contains("(shown)"));
  EXPECT_TRUE(card.plainText().contains("not done by you"));
  while (run.step() > 0) ASSERT_TRUE(player.back());
  card.refresh();
  EXPECT_FALSE(card.plainText().contains("(shown)"));
}

TEST(LessonTask, PairsThatWereShownAreNoPairsThatWereTyped) {
  LessonPlayer player("1");
  LessonRun& run = player.run;
  while (!run.types()) ASSERT_TRUE(player.forward());
  while (run.next() == Next::kDo) ASSERT_TRUE(run.forward());
  EXPECT_TRUE(run.handsOnDone());
  EXPECT_TRUE(run.shownOnly());
  EXPECT_TRUE(run.checks()[0].shown);
  ASSERT_TRUE(player.back());
  ASSERT_TRUE(player.forward());
  while (!run.types()) ASSERT_TRUE(player.forward());
  EXPECT_FALSE(run.checks()[0].ticked);
  for (int distance = -3; distance <= 3; ++distance) run.type(6, static_cast<uint32_t>(6 + distance));
  EXPECT_TRUE(run.handsOnDone());
  EXPECT_FALSE(run.shownOnly());
}

}  // namespace
}  // namespace sweepscope::gui
