// The laboratory's structs of a bench session as those of telemetry, which knows no laboratory. Pure functions.
#pragma once

#include <string>

#include "engine/laboratory/bench/bench_session.h"
#include "telemetry/model/bench.h"

namespace sweepscope::workloads {

telemetry::BenchView to_telemetry(const laboratory::NodeView& view);
telemetry::BenchNode to_telemetry(const laboratory::Node& node);
telemetry::BenchSetup to_telemetry(const laboratory::Setup& setup, uint64_t seed);
telemetry::BenchSearch to_telemetry(const laboratory::SearchAnswer& answer);
telemetry::BenchCatalogue bench_catalogue();

struct SetupOrError {
  laboratory::Setup setup;
  std::string error;  // one line; empty: fine
};
// Numbers that are 0 become the scenario's defaults.
SetupOrError from_telemetry(const telemetry::BenchSetup& setup);

}  // namespace sweepscope::workloads
