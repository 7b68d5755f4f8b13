// Output common to explore and step: error lines, output files, the violation as text and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/laboratory/seam/scheduler.h"
#include "engine/laboratory/search/aftermath.h"

namespace sweepscope::workloads {

// For messages that quote text from outside: every control character becomes '?'.
std::string one_line(std::string_view text);

// One line on standard error; returns exit code 2.
int bad_input(std::string_view message);
// For a result that could not be written: one line on standard error; returns exit code 1.
int failed(std::string_view message);

// Checks before a long search whether `path` can be written. Empty: it can, or there is no path; else the
// reason.
std::string problem_with_output(const std::string& path);

// Writes the whole file, through a temporary file in its folder unless the path is a device or a link.
// Returns an empty string or the error.
std::string write_file(const std::string& path, std::string_view text);

// JSON to a file, or to standard output for "-".
std::string write_json(const std::string& path, const nlohmann::json& json);

std::string_view kind_name(
    laboratory::ViolationKind kind);  // "engine check", "oracle", "deadlock", "livelock"

nlohmann::json to_json(const laboratory::Violation& violation);
nlohmann::json to_json(const std::vector<laboratory::Note>& notes);
// Adds harm, harm_text and harm_step (null: none, or not known).
void add_harm(nlohmann::json& json, const laboratory::Aftermath& aftermath);

// Prints one line for each rule that failed with mode `note`.
void print(const std::vector<laboratory::Note>& notes);

// "I5 (oracle), step 112, fiber 3 'mutator 1': mutator 1 (fiber 3) ..."
std::string describe(const laboratory::Violation& violation);

}  // namespace sweepscope::workloads
