// sweepctl lesson: the embedded lessons hold on this engine, and what does not hold is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace sweepscope::testing_support {
namespace {

using testing::HasSubstr;

// As telemetry/lessons/README.md has it.
constexpr const char* kGuide =
    "sweepscope-lesson 1\n"
    "id: mine\n"
    "title: The turn\n"
    "minutes: 2\n"
    "scenario: two-cycles\n"
    "procs: 2\n"
    "spans: 2\n"
    "\n"
    "== Before and after\n"
    "text: Three spans are in use. The program is stopped for a collection.\n"
    "setup: collector until T2 of span 3\n"
    "setup: collector until the world is stopped in accesses\n"
    "predict: How many spans does the turn write?\n"
    "  ( ) Three\n"
    "  (x) None\n"
    "because: It adds 2 to sg; each span's state is the difference to sg.\n"
    "goal: collector until sg rises\n"
    "claim: a sweepgen is written never\n"
    "claim: span 1 needs sweep\n"
    "takeaway: One addition changes the state of every span.\n";

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class Lessons : public testing::Test {
 protected:
  // Of a file with this text.
  Finished check(const std::string& text) {
    std::ofstream(folder_ / "mine.lesson") << text;
    return sweepctl({"lesson", "check", folder_ / "mine.lesson"});
  }
  void expect_false(const std::string& text, const std::string& why) {
    const Finished finished = check(text);
    EXPECT_EQ(finished.exit_code, 1) << finished.err;
    EXPECT_THAT(finished.err, HasSubstr("mine.lesson:" + why));
  }
  Folder folder_;
};

TEST_F(Lessons, HoldOnThisEngine) {
  const Finished finished = sweepctl({"lesson", "check"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("B2: Where an object comes from: "));
  EXPECT_EQ(finished.err, "");
}

TEST_F(Lessons, TheOneOfTheGuideHolds) {
  const Finished finished = check(kGuide);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("1 beat, 3 goals, 2 claims, "));
}

TEST_F(Lessons, AFalseClaimIsNamed) {
  expect_false(changed(kGuide, "span 1 needs sweep", "span 1 is swept"),
               "19: claim 'span 1 is swept' is false: span 1 needs sweep (-2)");
}

TEST_F(Lessons, AGoalThatCannotBeReachedIsNamed) {
  expect_false(changed(kGuide, "until sg rises", "until T7 of span 9"),
               "17: goal 'collector until T7 of span 9' cannot be reached: ");
  expect_false(changed(kGuide, "goal: collector", "goal: bgsweep"),
               "17: goal 'bgsweep until sg rises' cannot be reached: 'bgsweep' is blocked (");
}

TEST_F(Lessons, AnotherEngineIsAnotherLesson) {
  expect_false(
      changed(kGuide, "spans: 2", "spans: 2\nfault: cached-is-plus-two"),
      "12: goal 'collector until T2 of span 3' cannot be reached: the run was stopped by undecodable "
      "sweepgen");
}

TEST_F(Lessons, WhatTheLaboratoryDoesNotHaveIsNamed) {
  expect_false(changed(kGuide, "two-cycles", "three-cycles"), "5: ");
  expect_false(changed(kGuide, "procs: 2", "procs: 60"), "5: ");
  expect_false(changed(kGuide, "spans: 2", "spans: 2\nfault: no-such-fault"), "5: ");
}

TEST_F(Lessons, AFileThatIsNoLessonIsBadInput) {
  const Finished broken = check(changed(kGuide, "goal: collector until", "goal: collector til"));
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_THAT(broken.err, HasSubstr("mine.lesson:17: a goal reads"));
  EXPECT_EQ(broken.out, "");
  const Finished missing = sweepctl({"lesson", "check", "no-such-lesson"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("no lesson 'no-such-lesson'"));
}

TEST_F(Lessons, StepsAreWrittenAsSchedules) {
  const Finished refreshed = sweepctl({"lesson", "refresh", "7", "--out", folder_ / ""});
  EXPECT_EQ(refreshed.exit_code, 0) << refreshed.err;
  // The second run ends with a violation, so that the schedule is complete and replays.
  const Finished replayed = sweepctl({"step", folder_ / "7-2.schedule.txt"});
  EXPECT_EQ(replayed.exit_code, 1) << replayed.err;
  EXPECT_THAT(replayed.out, HasSubstr("VIOLATION I1"));
}

TEST_F(Lessons, AreListedAndPrinted) {
  const auto list = nlohmann::json::parse(sweepctl({"list", "--json"}).out);
  ASSERT_GE(list["lessons"].size(), 5u);
  EXPECT_EQ(list["lessons"][0]["id"], "B2");
  EXPECT_THAT(sweepctl({"lesson", "list"}).out, HasSubstr("The world turns by two"));
  EXPECT_THAT(sweepctl({"lesson", "show", "2"}).out, HasSubstr("(x) None"));
  EXPECT_THAT(sweepctl({"lesson", "steps", "2"}).out, HasSubstr("span 1 needs sweep (-2) 2/2 empty"));
}

}  // namespace
}  // namespace sweepscope::testing_support
