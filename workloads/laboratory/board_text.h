// The protocol board in a few lines of text, for those who write lessons.
#pragma once

#include <string>

#include "telemetry/model/bench.h"

namespace sweepscope::workloads {

// "sg 6, stopped | span 1 needs sweep (-2) 2/2 empty, unswept queue | P0 not flushed, collector"
std::string board_text(const telemetry::BenchView& view);

// What threads do next, for those that can run, must choose or are blocked, a line each.
std::string threads_text(const telemetry::BenchView& view);

}  // namespace sweepscope::workloads
