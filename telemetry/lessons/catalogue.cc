#include "telemetry/lessons/catalogue.h"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "telemetry/lessons/lesson_parser.h"

namespace sweepscope::telemetry::lessons {
namespace {

// The basics first; "2" before "10".
auto rank(const Lesson& lesson) {
  const bool basics = lesson.id.starts_with('B');
  return std::make_tuple(!basics, lesson.id.size(), lesson.id);
}

Catalogue parse_all() {
  Catalogue all;
  for (const LessonFile& file : lesson_files()) {
    ParsedLesson parsed = parse_lesson(file.name, file.text);
    if (parsed.lesson) all.lessons.push_back(std::move(*parsed.lesson));
    all.errors.insert(all.errors.end(), parsed.errors.begin(), parsed.errors.end());
  }
  std::stable_sort(all.lessons.begin(), all.lessons.end(),
                   [](const Lesson& a, const Lesson& b) { return rank(a) < rank(b); });
  for (size_t i = 1; i < all.lessons.size(); ++i)
    if (all.lessons[i].id == all.lessons[i - 1].id)
      all.errors.push_back(all.lessons[i].file + ":1: the id '" + all.lessons[i].id + "' is that of " +
                           all.lessons[i - 1].file);
  return all;
}

}  // namespace

const Catalogue& catalogue() {
  static const Catalogue all = parse_all();
  return all;
}

const Lesson* find_lesson(std::string_view id) {
  const std::vector<Lesson>& all = catalogue().lessons;
  const auto found = std::find_if(all.begin(), all.end(), [id](const Lesson& lesson) {
    return std::equal(id.begin(), id.end(), lesson.id.begin(), lesson.id.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace sweepscope::telemetry::lessons
