// Values of a lesson file that have a form of their own: goals, choices, spotlights, predictions. Called by the parser.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/lessons/lesson.h"
#include "telemetry/lessons/lesson_lines.h"

namespace sweepscope::telemetry::lessons {

std::string_view trimmed(std::string_view text);
std::vector<std::string> comma_list(std::string_view text);

template <class T>
bool read_number(std::string_view text, T least, T most, T& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc() && end == text.data() + text.size() && to >= least && to <= most;
}

// "THREAD until CONDITION [in accesses] [with help [of THREAD, THREAD]]"; an empty string, or why not.
std::string read_goal(std::string_view text, Act& act);
// "THREAD: CHOICE, CHOICE"
std::string read_choices(std::string_view text, Act& act);

std::optional<Spotlight> read_spotlight(std::string_view text);

// A question and its choices.
struct ReadPrediction {
  Prediction prediction;
  std::optional<LineError> error;
};
ReadPrediction read_prediction(const Entry& entry);

}  // namespace sweepscope::telemetry::lessons
