// Finds the beats of a lesson again in the branch tree of a session, by the names of the nodes: what a viewer needs,
// which did not compile the lesson itself. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "telemetry/lessons/lesson.h"

namespace sweepscope::telemetry::lessons {

// A beat ends at the node of its name. It opens where the beat before ends, or at the node of this name.
inline std::string begins(const Beat& beat) { return beat.name + " (begins)"; }

struct BeatNodes {
  uint32_t opens = 0, ends = 0;
};
// By beat; nothing for a beat of another run than `run`, or whose nodes the tree does not have.
std::vector<std::optional<BeatNodes>> find_beats(const Lesson& lesson, uint32_t run,
                                                 const std::vector<BenchNode>& nodes);

}  // namespace sweepscope::telemetry::lessons
