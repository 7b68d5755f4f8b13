// The result of a run as JSON. The keys are documented in workloads/README.md.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "workloads/runner/run_result.h"

namespace sweepscope::workloads {

inline constexpr int kResultSchemaVersion = 2;  // 2: times since time 0 of the run, not of the mutators

nlohmann::ordered_json to_json(const RunResult& result);
nlohmann::ordered_json to_json(const Environment& environment);
nlohmann::ordered_json to_json(const Distribution& distribution);  // {count, p50, p90, p99, max}

// Times are in us, or in the laboratory's steps; the keys name the unit.
enum class TimeIn : uint8_t { kUs, kSteps };
nlohmann::ordered_json to_json(const engine::MarkWork& work, TimeIn unit = TimeIn::kUs);
nlohmann::ordered_json to_json(const engine::AllocPaths& allocs);  // in us

}  // namespace sweepscope::workloads
