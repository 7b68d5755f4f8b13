// A run's result for people: a dozen lines on standard output.
#pragma once

#include <string>

#include "workloads/runner/run_result.h"

namespace sweepscope::workloads {

std::string summary(const RunResult& result);

}  // namespace sweepscope::workloads
