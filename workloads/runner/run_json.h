// The result of a run as JSON: the keys that scripts rely on. Documented in workloads/README.md.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "workloads/runner/run_result.h"

namespace sweepscope::workloads {

inline constexpr int kResultSchemaVersion = 1;

nlohmann::ordered_json to_json(const RunResult& result);
nlohmann::ordered_json to_json(const Environment& environment);

}  // namespace sweepscope::workloads
