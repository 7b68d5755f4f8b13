#include "workloads/laboratory/lesson_file.h"

#include "telemetry/lessons/catalogue.h"
#include "telemetry/lessons/goal_compiler.h"
#include "telemetry/lessons/lesson_parser.h"
#include "workloads/counted.h"
#include "workloads/laboratory/lesson_stepper.h"
#include "workloads/laboratory/text_file.h"

namespace sweepscope::workloads {

namespace lessons = telemetry::lessons;

FoundLesson find_lesson(const std::string& id_or_file) {
  if (const lessons::Lesson* lesson = lessons::find_lesson(id_or_file)) return {*lesson, {}};
  const TextFile file = read_text_file(id_or_file, lessons::kMostLessonBytes);
  if (!file.error.empty())
    return {std::nullopt, {"no lesson '" + id_or_file + "' (see sweepctl lesson list). " + file.error}};
  lessons::ParsedLesson parsed = lessons::parse_lesson(id_or_file, file.text);
  return {std::move(parsed.lesson), std::move(parsed.errors)};
}

std::string open_lesson(const lessons::Lesson& lesson, uint32_t run, laboratory::BenchSession& session) {
  if (run >= lesson.runs.size())
    return "lesson '" + lesson.id + "' has " + counted(lesson.runs.size(), "run") + ", and no run " +
           std::to_string(run + 1);
  LessonStepper stepper(session);
  const lessons::LessonPath path = lessons::compile(lesson, run, stepper);
  if (!path.errors.empty()) return path.errors.front();
  return session.go(path.beats.front().opens);
}

}  // namespace sweepscope::workloads
