// The resources that this process has used, and the clock of engine::Pause.
#pragma once

#include <cstdint>

namespace sweepscope::workloads {

uint64_t monotonic_ns();
double cpu_seconds();  // user and system, all threads
uint64_t peak_rss_bytes();

}  // namespace sweepscope::workloads
