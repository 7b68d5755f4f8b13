// The goal compiler on a small made-up engine: paths, names of nodes, and how what cannot be reached is named.
#include "telemetry/lessons/goal_compiler.h"

#include <gtest/gtest.h>

#include <map>

#include "telemetry/lessons/beat_nodes.h"
#include "telemetry/lessons/facts.h"
#include "telemetry/lessons/lesson_parser.h"

namespace sweepscope::telemetry::lessons {
namespace {

// What a thread does, one step each.
struct Op {
  enum Kind { kArc, kTurn, kWait, kChoose, kFire } kind;
  std::string text;     // kArc: its name, kFire: the rule
  uint32_t number = 0;  // kArc: the span; kWait: until thread 2 has taken so many steps
};

// main ends at once. worker turns, waits for the helper, makes T6 of span 3. The helper makes arcs.
class Toy final : public Stepper {
 public:
  std::vector<std::vector<Op>> programs = {{},
                                           {{Op::kTurn, ""}, {Op::kWait, "", 2}, {Op::kArc, "T6", 3}},
                                           {{Op::kArc, "T2", 1}, {Op::kArc, "T3", 1}, {Op::kArc, "T4", 1}}};
  std::vector<std::string> names = {"main", "worker", "helper"};
  std::string refusal;
  std::vector<BenchStepKind> kinds;  // of the steps that were taken

  std::string begin(const BenchSetup& setup) override {
    if (!refusal.empty()) return refusal;
    setup_ = setup;
    nodes_.assign(1, {});
    nodes_[0].at.resize(programs.size());
    nodes_[0].view.board.known = true;
    nodes_[0].view.board.sg = 4;
    look(nodes_[0]);
    return {};
  }
  const BenchView& view(uint32_t node) override { return nodes_[node].view; }
  Taken step(uint32_t node, BenchStepKind kind, uint32_t thread, uint32_t choice) override {
    State next = nodes_[node];
    next.view.rows.clear();
    kinds.push_back(kind);
    const Op& op = programs[thread][next.at[thread]++];
    BenchRow row;
    row.thread = thread;
    row.op = StepOp::kStore;
    if (op.kind == Op::kTurn) {
      next.view.board.sg += 2;
      row.word = kWordHeapGen;
      row.arc = "T5";
    } else if (op.kind == Op::kArc) {
      row.word = kWordSweepgen;
      row.object = op.number;
      row.arc = op.text;
    } else if (op.kind == Op::kFire) {
      next.view.verdict.outcome = BenchOutcome::kViolation;
      next.view.verdict.rule = op.text;
    } else if (op.kind == Op::kChoose) {
      chosen.push_back(choice);
    }
    next.view.rows.push_back(row);
    ++next.view.steps;
    look(next);
    nodes_.push_back(std::move(next));
    return {static_cast<uint32_t>(nodes_.size() - 1), {}};
  }
  void rename(uint32_t node, const std::string& name) override { renamed[node] = name; }

  const BenchSetup& setup() const { return setup_; }
  std::vector<uint32_t> chosen;
  std::map<uint32_t, std::string> renamed;

 private:
  struct State {
    std::vector<size_t> at;  // by thread: steps taken
    BenchView view;
  };
  void look(State& state) {
    state.view.threads.clear();
    for (uint32_t id = 0; id < programs.size(); ++id) {
      BenchThread thread;
      thread.thread = id;
      thread.name = names[id];
      const size_t at = state.at[id];
      if (at == programs[id].size()) {
        thread.state = BenchThreadState::kEnded;
      } else if (programs[id][at].kind == Op::kWait && state.at[2] < programs[id][at].number) {
        thread.state = BenchThreadState::kBlocked;
        thread.text = "waits for the helper";
      } else if (programs[id][at].kind == Op::kChoose) {
        thread.state = BenchThreadState::kMustChoose;
        thread.alternatives = {"left", "right"};
      }
      state.view.threads.push_back(thread);
    }
  }

  BenchSetup setup_;
  std::vector<State> nodes_;
};

// A lesson of one beat, whose first goal is in line 8.
Lesson lesson(const std::string& lines) {
  ParsedLesson parsed = parse_lesson("f.lesson",
                                     "sweepscope-lesson 1\nid: X\ntitle: X\nminutes: 1\nscenario: toy\n"
                                     "== First\ntext: x\n" +
                                         lines + "takeaway: x\n");
  EXPECT_TRUE(parsed.lesson) << (parsed.errors.empty() ? "" : parsed.errors[0]);
  return parsed.lesson.value_or(Lesson{});
}

void expect_error(Toy& toy, const std::string& lines, std::string_view error) {
  const LessonPath path = compile(lesson(lines), 0, toy);
  ASSERT_EQ(path.errors.size(), 1u) << error;
  EXPECT_NE(path.errors[0].find(error), std::string::npos) << path.errors[0];
}

TEST(GoalCompiler, RunsAThreadUntilTheConditionHolds) {
  Toy toy;
  const LessonPath path =
      compile(lesson("goal: helper until T3 of span 1\nclaim: T2 of span 1 happens once\n"), 0, toy);
  EXPECT_TRUE(path.errors.empty()) << path.errors[0];
  ASSERT_EQ(path.beats.size(), 1u);
  EXPECT_EQ(path.beats[0].nodes, (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(path.beats[0].accesses, 2u);
  EXPECT_EQ(toy.renamed[0], "First (begins)");
  EXPECT_EQ(toy.renamed[2], "First");
  EXPECT_EQ(toy.setup().scenario, "toy");
}

TEST(GoalCompiler, FoldsTheSetup) {
  Toy toy;
  const LessonPath path =
      compile(lesson("setup: helper until T2\ngoal: helper until T3\nclaim: T2 happens never\n"), 0, toy);
  EXPECT_TRUE(path.errors.empty()) << path.errors[0];
  EXPECT_EQ(path.beats[0].opens, 1u);
  EXPECT_EQ(path.beats[0].ends, 2u);
}

TEST(GoalCompiler, TakesNoStepToAGoalThatIsReached) {
  Toy toy;
  const LessonPath path = compile(lesson("goal: worker until sg is 4\n"), 0, toy);
  EXPECT_TRUE(path.errors.empty());
  EXPECT_EQ(path.beats[0].ends, 0u);
}

TEST(GoalCompiler, ABlockedThreadIsHelpedNoFurtherThanItTakes) {
  Toy toy;
  const LessonPath path =
      compile(lesson("goal: worker until T6 with help\nclaim: T4 happens never\n"), 0, toy);
  EXPECT_TRUE(path.errors.empty()) << path.errors[0];
  using enum BenchStepKind;
  EXPECT_EQ(toy.kinds, (std::vector<BenchStepKind>{kArc, kAccess, kAccess, kArc, kArc}));
}

TEST(GoalCompiler, NamesAGoalThatCannotBeReached) {
  Toy toy;
  expect_error(
      toy, "goal: worker until T6\n",
      "f.lesson:8: goal 'worker until T6' cannot be reached: 'worker' is blocked (waits for the helper) and no "
      "thread helps; T6 happened never");
  expect_error(toy, "goal: worker until T6 with help of main\n", "no thread that may help can run");
  expect_error(toy, "goal: helper until T7\n",
               "f.lesson:8: goal 'helper until T7' cannot be reached: 'helper' has ended");
  expect_error(toy, "goal: nobody until T7\n", "there is no thread 'nobody', only main, worker, helper");
}

TEST(GoalCompiler, NamesAGoalThatIsStillAhead) {
  Toy toy;
  toy.programs[2].assign(kMostStepsOfAGoal + 10, {Op::kArc, "T2", 1});
  expect_error(toy, "goal: helper until T7\n",
               "f.lesson:8: goal 'helper until T7' is not reached within 2000 steps");
}

TEST(GoalCompiler, NamesTheViolationThatStopsAGoal) {
  Toy toy;
  toy.programs[2] = {{Op::kFire, "I5"}, {Op::kArc, "T2", 1}};
  expect_error(toy, "goal: helper until T2\n", "cannot be reached: the run was stopped by I5");
  EXPECT_TRUE(compile(lesson("goal: helper until rule I5 fires\n"), 0, toy).errors.empty());
}

TEST(GoalCompiler, TakesTheChoicesInTheirOrder) {
  Toy toy;
  toy.programs[2] = {{Op::kChoose, ""}, {Op::kArc, "T2", 1}, {Op::kChoose, ""}, {Op::kArc, "T3", 1}};
  const LessonPath path = compile(lesson("choose: helper: right, left\ngoal: helper until T3\n"), 0, toy);
  EXPECT_TRUE(path.errors.empty()) << path.errors[0];
  EXPECT_EQ(toy.chosen, (std::vector<uint32_t>{1, 0}));
  EXPECT_TRUE(compile(lesson("goal: helper until at a choice\n"), 0, toy).errors.empty());
}

TEST(GoalCompiler, NamesAChoiceThatIsMissingWrongOrLeftOver) {
  Toy toy;
  toy.programs[2] = {{Op::kChoose, ""}, {Op::kArc, "T2", 1}};
  expect_error(
      toy, "goal: helper until T2\n",
      "f.lesson:8: goal 'helper until T2': 'helper' must choose (left | right); add 'choose: helper: ...' above");
  expect_error(toy, "choose: helper: up\ngoal: helper until T2\n",
               "f.lesson:8: 'up' is no choice of 'helper' here: left | right");
  expect_error(toy, "choose: helper: left, left\ngoal: helper until T2\n",
               "f.lesson:8: 'helper' never comes to its choice 'left'");
}

TEST(GoalCompiler, NamesAClaimThatIsFalse) {
  Toy toy;
  expect_error(toy, "goal: worker until sg rises\nclaim: sg is 8\n",
               "f.lesson:9: claim 'sg is 8' is false: sg is 6");
  expect_error(toy, "goal: helper until T2\nclaim: T2 happens twice\n",
               "f.lesson:9: claim 'T2 happens twice' is false: T2 happened once");
  expect_error(toy, "goal: helper until T2\nhands-on: x\ndone: sg is 6\n",
               "f.lesson:6: the goals of beat 'First' do not do its hands-on step: 'sg is 6' is false");
  expect_error(toy, "goal: helper until T2\nspotlight: span 9\n",
               "f.lesson:6: the spotlight of beat 'First' never finds span 9");
}

TEST(GoalCompiler, NamesASetupThatTheEngineRefuses) {
  Toy toy;
  toy.refusal = "unknown scenario 'toy'";
  expect_error(toy, "", "f.lesson:5: unknown scenario 'toy'");
}

TEST(GoalCompiler, PlaysTheBeatsOfOneRun) {
  const Lesson two = lesson(
      "goal: helper until T2\n== Second\ntext: x\nrestart: fault some-fault\ngoal: worker until sg rises\n"
      "== Third\ntext: x\n== Fourth\ntext: x\ngoal: helper until T2\n== Fifth\ntext: x\n");
  Toy toy;
  ASSERT_EQ(two.runs.size(), 2u);
  EXPECT_EQ(compile(two, 0, toy).beats.size(), 1u);
  toy.renamed.clear();
  const LessonPath path = compile(two, 1, toy);
  EXPECT_EQ(toy.setup().fault, "some-fault");
  EXPECT_EQ(path.first_beat, 1u);
  ASSERT_EQ(path.beats.size(), 4u);
  // A viewer finds the same nodes by their names.
  std::vector<BenchNode> nodes(3);
  for (const auto& [node, name] : toy.renamed) nodes[node].name = name;
  const auto found = find_beats(two, 1, nodes);
  ASSERT_EQ(found.size(), 5u);
  EXPECT_FALSE(found[0]);
  for (size_t i = 0; i < path.beats.size(); ++i) {
    ASSERT_TRUE(found[i + 1]);
    EXPECT_EQ(found[i + 1]->opens, path.beats[i].opens) << i;
    EXPECT_EQ(found[i + 1]->ends, path.beats[i].ends) << i;
  }
}

}  // namespace
}  // namespace sweepscope::telemetry::lessons
