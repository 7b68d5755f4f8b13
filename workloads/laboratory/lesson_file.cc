#include "workloads/laboratory/lesson_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "telemetry/lessons/catalogue.h"
#include "telemetry/lessons/goal_compiler.h"
#include "telemetry/lessons/lesson_parser.h"
#include "workloads/laboratory/lesson_stepper.h"

namespace sweepscope::workloads {
namespace {

namespace lessons = telemetry::lessons;

// At most one byte more than a lesson may have: the parser names the limit.
bool read(const std::string& path, std::string& text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (file == nullptr) return false;
  text.resize(lessons::kMostLessonBytes + 1);
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return std::ferror(file.get()) == 0;
}

}  // namespace

FoundLesson find_lesson(const std::string& id_or_file) {
  if (const lessons::Lesson* lesson = lessons::find_lesson(id_or_file)) return {*lesson, {}};
  std::string text;
  if (!read(id_or_file, text))
    return {std::nullopt,
            {"no lesson '" + id_or_file +
             "' (see sweepctl lesson list), and no such file: " + std::strerror(errno)}};
  lessons::ParsedLesson parsed = lessons::parse_lesson(id_or_file, text);
  return {std::move(parsed.lesson), std::move(parsed.errors)};
}

std::string open_lesson(const lessons::Lesson& lesson, uint32_t run, laboratory::BenchSession& session) {
  if (run >= lesson.runs.size())
    return "lesson '" + lesson.id + "' has " + std::to_string(lesson.runs.size()) + " runs, and no run " +
           std::to_string(run + 1);
  LessonStepper stepper(session);
  const lessons::LessonPath path = lessons::compile(lesson, run, stepper);
  if (!path.errors.empty()) return path.errors.front();
  return session.go(path.beats.front().opens);
}

}  // namespace sweepscope::workloads
