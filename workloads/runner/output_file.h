// Writes text results to a file, or to standard output for "-".
#pragma once

#include <string>

#include "workloads/expected.h"

namespace sweepscope::workloads {

// Fails if the file cannot be created or written. Called before a long run, so that it does not fail at its
// end.
Expected<> check_writable(const std::string& path);
Expected<> write_text(const std::string& path, const std::string& text);

}  // namespace sweepscope::workloads
