// The embedded lessons on today's engine, in one process; and that an engine that differs makes them false.
#include <gtest/gtest.h>

#include <tuple>

#include "engine/laboratory/bench/bench_session.h"
#include "telemetry/lessons/beat_nodes.h"
#include "telemetry/lessons/catalogue.h"
#include "telemetry/lessons/goal_compiler.h"
#include "workloads/laboratory/lesson_stepper.h"

namespace sweepscope::workloads {
namespace {

namespace lessons = telemetry::lessons;

lessons::LessonPath play(const lessons::Lesson& lesson, uint32_t run, laboratory::BenchSession& session) {
  LessonStepper stepper(session);
  return lessons::compile(lesson, run, stepper);
}

TEST(LessonsOnTheEngine, EveryGoalIsReachedAndEveryClaimIsTrue) {
  for (const lessons::Lesson& lesson : lessons::catalogue().lessons)
    for (uint32_t run = 0; run < lesson.runs.size(); ++run) {
      laboratory::BenchSession session;
      for (const std::string& error : play(lesson, run, session).errors) ADD_FAILURE() << error;
    }
}

// Each fault changes the engine under a lesson that was written for the right one.
TEST(LessonsOnTheEngine, AnEngineThatDiffersMakesALessonFalse) {
  for (const auto& [id, fault] :
       {std::pair("4", "refill-no-cached-mark"), std::pair("7", "acquirep-no-flush"),
        std::pair("8", "no-flush-barrier"), std::pair("9", "ensure-rejects-cached"),
        std::pair("10", "nmalloc-after-sweep"), std::pair("10", "heaplive-undone-when-stale")}) {
    lessons::Lesson lesson = *lessons::find_lesson(id);
    lesson.runs[0].setup.fault = fault;
    laboratory::BenchSession session;
    EXPECT_FALSE(play(lesson, 0, session).errors.empty()) << "lesson " << id << " with " << fault;
  }
}

// Lessons 11 and 13 begin with defects that the policy has on purpose, and then show the repairs.
TEST(LessonsOnTheEngine, ARepairMakesALessonOnADefectFalseAndTheDefectTheRepair) {
  for (const auto& [id, shows, repaired, fault] : {std::tuple("11", 1u, 2u, "sweepone-rejects-cached"),
                                                   std::tuple("13", 0u, 1u, "completion-ignores-flushers")}) {
    lessons::Lesson lesson = *lessons::find_lesson(id);
    lesson.runs[shows].setup.policy = "lazy";
    lesson.runs[repaired].setup.fault = fault;
    for (const uint32_t run : {shows, repaired}) {
      laboratory::BenchSession session;
      EXPECT_FALSE(play(lesson, run, session).errors.empty()) << "lesson " << id << ", run " << run;
    }
  }
}

// The lesson on colours: its second run shows the barrier and the colour of new objects, the three after it what happens
// without them.
TEST(LessonsOnTheEngine, TheLessonOnColoursIsFalseWithoutTheBarrierAndWithIt) {
  for (const auto& [run, fault] : {std::pair(1u, "no-write-barrier"), std::pair(1u, "no-allocate-black"),
                                   std::pair(2u, ""), std::pair(3u, ""), std::pair(4u, "")}) {
    lessons::Lesson lesson = *lessons::find_lesson("B4");
    ASSERT_EQ(lesson.runs.size(), 5u);
    lesson.runs[run].setup.fault = fault;
    laboratory::BenchSession session;
    EXPECT_FALSE(play(lesson, run, session).errors.empty()) << "run " << run << " with '" << fault << "'";
  }
}

// What a viewer does, which sees the tree only.
TEST(LessonsOnTheEngine, ItsBeatsAreFoundByTheNamesOfTheNodes) {
  for (const lessons::Lesson& lesson : lessons::catalogue().lessons)
    for (uint32_t run = 0; run < lesson.runs.size(); ++run) {
      laboratory::BenchSession session;
      const lessons::LessonPath path = play(lesson, run, session);
      std::vector<telemetry::BenchNode> nodes(session.tree().nodes().size());
      for (size_t i = 0; i < nodes.size(); ++i) nodes[i].name = session.tree().nodes()[i].name;
      const auto found = lessons::find_beats(lesson, run, nodes);
      for (size_t i = 0; i < path.beats.size(); ++i) {
        const auto& beat = found[path.first_beat + i];
        ASSERT_TRUE(beat) << lesson.id << " " << lesson.beats[path.first_beat + i].name;
        EXPECT_EQ(beat->opens, path.beats[i].opens)
            << lesson.id << " " << lesson.beats[path.first_beat + i].name;
        EXPECT_EQ(beat->ends, path.beats[i].ends)
            << lesson.id << " " << lesson.beats[path.first_beat + i].name;
      }
    }
}

}  // namespace
}  // namespace sweepscope::workloads
