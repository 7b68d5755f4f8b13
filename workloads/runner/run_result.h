// What a run found out. Figures that were not measured are absent, never zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/options.h"
#include "workloads/gap_meter.h"
#include "workloads/runner/distribution.h"
#include "workloads/runner/environment.h"
#include "workloads/workload.h"

namespace sweepscope::workloads {

enum class Outcome : uint8_t { kOk, kInterrupted, kCheckFailed, kSelfCheckFailed };
const char* name(Outcome outcome);  // "ok", "interrupted", "check_failed", "self_check_failed"

struct TelemetryCounts {
  uint64_t events = 0, lost = 0, bytes = 0;
};

// What was asked for, with every default filled in.
struct RunSetup {
  std::string workload;
  ParameterValues parameters;
  engine::EngineOptions engine;
  uint32_t threads = 1;
  RunLimits limits;
};

struct RunResult {
  RunSetup setup;
  Environment environment;
  Outcome outcome = Outcome::kOk;
  std::string complaint;  // one line, when the outcome is a failure
  double wall_s = 0;      // the mutators' share: neither set-up nor control stops
  double cpu_s = 0;       // of the process in that time
  Interval interval{};    // the same, in monotonic nanoseconds
  uint64_t peak_rss_bytes = 0;
  engine::EngineStats stats;
  std::vector<engine::Pause> control;  // empty stops, half before the mutators and half after
  std::vector<Figure> figures;
  std::optional<GapMeter> gaps;
  TelemetryCounts telemetry;
};

}  // namespace sweepscope::workloads
