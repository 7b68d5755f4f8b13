// The challenge as a model: steps and switches are counted along a path, a hint is the step after the shown node on the
// path to what a search found, a hidden fault can be broken. And what a session's stops are, in words.
#include <gtest/gtest.h>

#include "gui/models/challenge.h"
#include "gui/models/check_plan.h"
#include "tests/gui/support/bench_fixture.h"

namespace sweepscope::gui {
namespace {

using telemetry::BenchRuleMode;
using telemetry::BenchSearchState;
using telemetry::BenchStepKind;
using telemetry::BenchStop;
using testing::BenchFixture;
using testing::Story;
using Request = Challenge::Request;

// The story up to the turn, node 4, and what a search found from there: nodes 5 to 7.
struct Searched {
  static constexpr uint32_t kAt = 4;
  BenchFixture fixture = testing::benchFixture(Story::kCachedIsPlusTwo);
  BenchScene scene;
  Challenge challenge;

  explicit Searched(Challenge::Fault fault = Challenge::Fault::kNamed) {
    telemetry::BenchState before = fixture.state;
    before.nodes.resize(kAt + 1);
    before.current = kAt;
    before.view = fixture.views[kAt];
    scene.setCatalogue(fixture.catalogue);
    scene.setState(before);
    for (uint32_t node = 0; node <= kAt; ++node) scene.addView(fixture.views[node]);
    challenge.begin(fault);
    scene.conceal(true);
    challenge.onScene(scene);
  }
  void answer(BenchSearchState state) {
    telemetry::BenchState after = fixture.state;
    after.revision += 1;
    after.current = kAt;
    after.view = fixture.views[kAt];
    after.search.state = state;
    after.search.node = kAt;
    if (state == BenchSearchState::kFound)
      after.search.found = static_cast<uint32_t>(after.nodes.size() - 1);
    else
      after.nodes.resize(kAt + 1);
    scene.setState(after);
    challenge.onScene(scene);
  }
};

TEST(Challenge, CountsStepsAndSwitchesFromTheStartOfTheSession) {
  BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  EXPECT_EQ(runCount(fixture.state, 0), (RunCount{0, 0}));
  EXPECT_EQ(runCount(fixture.state, 2), (RunCount{5, 0}));
  EXPECT_EQ(runCount(fixture.state, 3), (RunCount{8, 1}));
  EXPECT_EQ(runCount(fixture.state, 6), (RunCount{14, 3}));  // the sweeper takes two steps in a row
  fixture.state.nodes[0].steps = 30;                         // made the engine: no step of the student
  EXPECT_EQ(runCountWords(runCount(fixture.state, 3)), "8 steps, 1 switch of thread");
}

TEST(Challenge, AHintIsTheStepAfterTheShownNodeAndTheRestStaysHidden) {
  Searched s;
  ASSERT_EQ(s.challenge.ask(s.scene), Request::kSearch);
  EXPECT_TRUE(s.challenge.hintLine(s.scene).startsWith("Searching"));
  s.answer(BenchSearchState::kFound);
  EXPECT_EQ(s.challenge.hinted(s.scene), 5u);
  EXPECT_EQ(s.challenge.hints(), 1u);
  EXPECT_EQ(s.challenge.hintLine(s.scene), "Let sweeper (key 4) step to its next arc (Enter)");
  EXPECT_FALSE(s.scene.forward().has_value()) << "the branch that was found";
  EXPECT_EQ(s.challenge.ask(s.scene), Request::kNone);
  EXPECT_EQ(s.challenge.hints(), 1u) << "the same hint again";

  s.scene.show(5);  // taken: the next hint needs no search
  s.scene.addView(s.fixture.views[5]);
  s.challenge.onScene(s.scene);
  EXPECT_FALSE(s.challenge.hinted(s.scene).has_value());
  EXPECT_EQ(s.challenge.ask(s.scene), Request::kNone);
  EXPECT_EQ(s.challenge.hinted(s.scene), 6u);
  EXPECT_EQ(s.challenge.hints(), 2u);
  s.scene.show(4);
  EXPECT_EQ(s.scene.forward(), 5u) << "a step that was taken is shown";
}

TEST(Challenge, AHintNamesTheChoiceOfAThreadThatMustChoose) {
  Searched s;
  s.fixture.state.nodes[6].thread = 1;
  s.fixture.views[6].rows.resize(1);
  s.fixture.views[6].rows[0].after = 1;
  s.challenge.ask(s.scene);
  s.answer(BenchSearchState::kFound);
  s.scene.show(5);
  s.scene.addView(s.fixture.views[5]);
  s.challenge.ask(s.scene);
  EXPECT_EQ(s.challenge.hintLine(s.scene), "") << "which one is not known before the view has come";
  s.scene.addView(s.fixture.views[6]);
  EXPECT_EQ(s.challenge.hintLine(s.scene), "Let mutator 1 (key 2) choose: drop object 2");
}

TEST(Challenge, AHintForAStepThatEndsAtASwitchCountsItsAccesses) {
  Searched s;
  s.fixture.state.nodes[5].stop = BenchStop::kAccess;
  s.challenge.ask(s.scene);
  s.answer(BenchSearchState::kFound);
  EXPECT_EQ(s.challenge.hintLine(s.scene), "Let sweeper (key 4) take 2 accesses (A each time)");
}

TEST(Challenge, TheStripCountsTheScheduleAndTheHints) {
  Searched s;
  EXPECT_EQ(s.challenge.countLine(s.scene), "Your schedule: 9 steps, 2 switches of thread");
  s.challenge.ask(s.scene);
  s.answer(BenchSearchState::kFound);
  EXPECT_EQ(s.challenge.countLine(s.scene),
            QStringLiteral("Your schedule: 9 steps, 2 switches of thread \u00b7 1 hint"));
}

TEST(Challenge, ASearchWithoutAnAnswerIsNoHintAndSaysWhatItProves) {
  for (const auto& [state, words] : {std::pair{BenchSearchState::kNothing, "No schedule from here"},
                                     std::pair{BenchSearchState::kUndecided, "which proves nothing"},
                                     std::pair{BenchSearchState::kCancelled, "cancelled"}}) {
    Searched s;
    s.challenge.ask(s.scene);
    s.answer(state);
    EXPECT_TRUE(s.challenge.hintLine(s.scene).contains(words)) << qPrintable(s.challenge.hintLine(s.scene));
    EXPECT_EQ(s.challenge.hints(), 0u);
  }
}

TEST(Challenge, TheAnswerOfAnOlderSearchIsNoAnswerAndASecondRequestCancels) {
  Searched s;
  ASSERT_EQ(s.challenge.ask(s.scene), Request::kSearch);
  s.challenge.onScene(s.scene);  // the state of before
  EXPECT_EQ(s.challenge.ask(s.scene), Request::kCancel);
}

TEST(Challenge, AHiddenFaultIsNamedWhenACheckFires) {
  Searched s(Challenge::Fault::kHidden);
  EXPECT_TRUE(s.challenge.hidesFault());
  EXPECT_TRUE(s.challenge.verdict(s.scene).isEmpty());
  s.challenge.ask(s.scene);
  s.answer(BenchSearchState::kFound);
  EXPECT_TRUE(s.challenge.hidesFault()) << "a search that finds it does not name it";
  s.scene.show(7);
  s.scene.addView(s.fixture.views[7]);
  s.challenge.onScene(s.scene);
  EXPECT_FALSE(s.challenge.hidesFault());
  EXPECT_FALSE(s.challenge.open());
  const QStringList verdict = s.challenge.verdict(s.scene);
  EXPECT_EQ(verdict.value(0), "Broken in 15 steps with 1 hint");
  EXPECT_EQ(verdict.value(1),
            "15 steps, 4 switches of thread. No shorter schedule is known in this session.");
  EXPECT_TRUE(verdict.value(2).contains("cached-is-plus-two"));
  s.scene.show(4);
  s.challenge.onScene(s.scene);
  EXPECT_FALSE(s.challenge.hidesFault()) << "looking back hides nothing again";
}

TEST(Challenge, TheVerdictNamesAShorterScheduleThatIsKnown) {
  Searched s;
  telemetry::BenchNode shorter = s.fixture.state.nodes[7];
  shorter.parent = 1;
  s.fixture.state.nodes.push_back(shorter);
  s.challenge.ask(s.scene);
  s.answer(BenchSearchState::kFound);
  s.scene.show(7);
  EXPECT_EQ(s.challenge.verdict(s.scene).value(1),
            "The fewest known in this session: 4 steps, 0 switches of thread.");
}

TEST(Challenge, ASurpriseCanBeSteppedBreaksARuleAndFitsTheSetup) {
  const telemetry::BenchCatalogue catalogue = testing::benchFixture(Story::kCorrect).catalogue;
  std::set<std::string> seen;
  for (uint32_t chance = 0; chance < 20; ++chance) {
    const telemetry::BenchSetup setup = withSurprise(catalogue, {"mcache", "eager", "", 2, 3, 7, {}}, chance);
    seen.insert(setup.fault);
    EXPECT_EQ(setup.scenario, "cycle");  // no fault shows in the other one
    EXPECT_EQ(setup.policy, "lazy");
    EXPECT_EQ(setup.seed, 7u);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"cached-is-plus-two", "acquirep-no-flush"}));
  EXPECT_EQ(withSurprise({}, {"mcache", "eager", "", 2, 1, 7, {}}, 3).fault, "");
}

TEST(CheckPlan, AChosenModeIsWantedUntilTheSessionHasIt) {
  BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  fixture.state.view.board.rules = {{"I3", BenchRuleMode::kNote, {}, 0, 0, {}}};
  fixture.views.back() = fixture.state.view;
  BenchScene scene = testing::benchScene(fixture);
  CheckPlan plan;
  plan.onScene(scene);
  ASSERT_EQ(plan.rows().size(), 4u);
  EXPECT_EQ(plan.rows()[0].rule, "I3") << "those that do not stop come first";
  EXPECT_EQ(plan.rows()[0].mode, BenchRuleMode::kNote);
  plan.choose("I6", BenchRuleMode::kOff);
  plan.choose("I1", BenchRuleMode::kNote);
  plan.choose("I3", BenchRuleMode::kNote);  // as it is
  EXPECT_EQ(plan.settings(), (QStringList{"I1=note", "I6=off"}));
  plan.choose("I1", BenchRuleMode::kStop);
  EXPECT_EQ(plan.settings(), QStringList{"I6=off"});
  plan.onScene(scene);
  EXPECT_TRUE(plan.changed());
  fixture.state.setup.checks = {"I6=off"};
  scene.setState(fixture.state);
  plan.onScene(scene);
  EXPECT_FALSE(plan.changed());
}

TEST(CheckPlan, SettingsFollowThoseThatTheScheduleHas) {
  EXPECT_EQ(
      withChecks("sweepscope-schedule 1\nscenario sweep\ncheck I6=stop\nfiber 0 main\n\n0 start\n",
                 {"I6=note", "I1=off"}),
      "sweepscope-schedule 1\nscenario sweep\ncheck I6=stop\ncheck I6=note\ncheck I1=off\nfiber 0 main\n\n"
      "0 start\n");
}

TEST(CheckPlan, ABreakpointIsNamedInWords) {
  EXPECT_EQ(breakpointWords("arc T7"), "arc T7: the flusher of a cache claims a stale span in it");
  EXPECT_EQ(breakpointWords("span 3"), "span 3");
  telemetry::BenchNode node;
  node.why = "breakpoint arc T6";
  EXPECT_EQ(breakpointMet(node), "");
  node.stop = BenchStop::kBreakpoint;
  EXPECT_EQ(breakpointMet(node), "arc T6: a sweeper claims an unswept span");
}

}  // namespace
}  // namespace sweepscope::gui
