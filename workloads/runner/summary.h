// The result of a run as a short text for the terminal.
#pragma once

#include <string>

#include "workloads/runner/run_result.h"

namespace sweepscope::workloads {

std::string summary(const RunResult& result);

}  // namespace sweepscope::workloads
