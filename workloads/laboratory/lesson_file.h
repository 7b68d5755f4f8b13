// A lesson by its id or from a file, which is not trusted; and a lesson opened in a bench session.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/laboratory/bench/bench_session.h"
#include "telemetry/lessons/lesson.h"

namespace sweepscope::workloads {

struct FoundLesson {
  std::optional<telemetry::lessons::Lesson> lesson;
  std::vector<std::string> errors;  // one line each, when there is no lesson
};
FoundLesson find_lesson(const std::string& id_or_file);

// Begins a run of the lesson (from 0) with its path as nodes; the current node is that at which its first beat opens. An
// empty string, or one line: why not.
std::string open_lesson(const telemetry::lessons::Lesson& lesson, uint32_t run,
                        laboratory::BenchSession& session);

}  // namespace sweepscope::workloads
