// Records one replay of a schedule as an MCAP file for the dashboard: every step and every event of the
// engine, in order.
#pragma once

#include <string>

#include "engine/laboratory/search/experiment.h"

namespace sweepscope::workloads {

struct RecordedReplay {
  laboratory::RunReport report;
  std::string error;  // one line, if the file could not be written
};

// The times in the file are step numbers counted from a fixed date, so that two recordings of a schedule are
// equal byte for byte.
RecordedReplay record_replay(laboratory::Experiment& experiment, const laboratory::Schedule& schedule,
                             const std::string& path);

}  // namespace sweepscope::workloads
