#include "telemetry/lessons/beat_nodes.h"

#include <algorithm>

namespace sweepscope::telemetry::lessons {
namespace {

std::optional<uint32_t> named(const std::vector<BenchNode>& nodes, const std::string& name) {
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](const BenchNode& node) { return node.name == name; });
  if (found == nodes.end()) return std::nullopt;
  return static_cast<uint32_t>(found - nodes.begin());
}

}  // namespace

std::vector<std::optional<BeatNodes>> find_beats(const Lesson& lesson, uint32_t run,
                                                 const std::vector<BenchNode>& nodes) {
  std::vector<std::optional<BeatNodes>> found(lesson.beats.size());
  std::optional<uint32_t> before;  // where the beat before ends
  for (size_t i = 0; i < lesson.beats.size(); ++i) {
    const Beat& beat = lesson.beats[i];
    if (beat.run != run) continue;
    std::optional<uint32_t> opens = named(nodes, begins(beat));
    if (!opens) opens = before;
    if (!opens) continue;
    const std::optional<uint32_t> ends = named(nodes, beat.name);
    found[i] = BeatNodes{*opens, ends.value_or(*opens)};
    before = found[i]->ends;
  }
  return found;
}

}  // namespace sweepscope::telemetry::lessons
