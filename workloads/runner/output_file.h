// Text results: to a file, or to standard output for "-".
#pragma once

#include <string>

#include "workloads/expected.h"

namespace sweepscope::workloads {

// Fails before a long run rather than after it: the file could not be created or written.
Expected<> check_writable(const std::string& path);
Expected<> write_text(const std::string& path, const std::string& text);

}  // namespace sweepscope::workloads
