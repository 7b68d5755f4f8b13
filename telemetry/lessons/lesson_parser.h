// Reads a lesson file: plain text of a form that README.md describes. Accepts untrusted text: every error names file,
// line and reason, and the limits bound the memory for a hostile file to a few times its size. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/lessons/lesson.h"

namespace sweepscope::telemetry::lessons {

inline constexpr std::string_view kLessonMagic = "sweepscope-lesson 1";
inline constexpr size_t kMostLessonBytes = 64u << 10;
inline constexpr size_t kMostLineBytes = 500;
inline constexpr size_t kMostTextBytes = 1500;  // of one value
inline constexpr size_t kMostNameBytes = 48;    // of a beat; its nodes have names of at most 64
inline constexpr size_t kMostBeats = 24;
inline constexpr size_t kMostOfABeat = 64;  // acts, claims and words each
inline constexpr size_t kMostErrors = 20;

struct ParsedLesson {
  std::optional<Lesson> lesson;     // none if there are errors
  std::vector<std::string> errors;  // "FILE:LINE: reason", at most kMostErrors
};
// file: as errors are to name it.
ParsedLesson parse_lesson(std::string_view file, std::string_view text);

}  // namespace sweepscope::telemetry::lessons
