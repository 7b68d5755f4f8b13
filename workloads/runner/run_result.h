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

// The always-on check of the engine that ended a run.
struct CheckFailure {
  uint32_t code;  // as in the recording
  std::string words, meaning;
  uint32_t thread;
  std::optional<uint32_t> p, span;
  uint32_t sweepgen;
  std::vector<std::pair<std::string, uint64_t>> values;
};

// What became of --record.
struct RecordingResult {
  std::string file;
  uint64_t bytes = 0, events = 0;  // that read back
  std::string error;               // one line: why it ends before the run does; empty: it is complete
  bool complete() const { return error.empty(); }
};

struct TelemetryCounts {
  uint64_t events = 0, lost = 0, bytes = 0;
  std::optional<RecordingResult> recording;
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
  std::string complaint;  // one line, when something went wrong
  std::optional<CheckFailure> check;
  Interval interval{};      // the mutators' share, neither set-up nor control stops; 0: not begun, not ended
  double wall_s = 0;        // its length
  double cpu_s_before = 0;  // of the process, when it began
  double cpu_s = 0;         // of the process in that time
  uint64_t peak_rss_bytes = 0;
  std::vector<engine::CycleRecord> cycles;   // as they ended
  std::optional<engine::EngineStats> stats;  // none: the engine could not be asked any more
  std::vector<engine::Pause> control;        // empty stops, half before the mutators and half after
  std::vector<Figure> figures;
  std::optional<GapMeter> gaps;
  TelemetryCounts telemetry;
};

// 0: all went well, or the user ended it; 1: a check or a self-check failed, or the recording that was asked
// for is not complete: no input was bad, and a script that reads the file next must stop here.
int exit_code(const RunResult& result);

}  // namespace sweepscope::workloads
