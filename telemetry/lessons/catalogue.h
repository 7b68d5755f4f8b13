// The lessons of this folder, embedded by CMake, in the order in which they are listed: the basics (B1 ...) and then by
// number. sweepctl and the dashboard list the same ones.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/lessons/lesson.h"

namespace sweepscope::telemetry::lessons {

struct LessonFile {
  std::string_view name;  // "02-turn.lesson"
  std::string_view text;
};
std::span<const LessonFile> lesson_files();  // of the generated source

struct Catalogue {
  std::vector<Lesson> lessons;
  std::vector<std::string> errors;  // of files that are no lessons; tests allow none
};
// Parses the embedded files, once.
const Catalogue& catalogue();
const Lesson* find_lesson(std::string_view id);  // "B2" or "b2"; null: there is none

}  // namespace sweepscope::telemetry::lessons
