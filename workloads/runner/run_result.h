// The result of a run. Figures that were not measured are absent, never zero.
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

// The failed check of the engine that ended a run.
struct CheckFailure {
  uint32_t code;  // as in the recording
  std::string words, meaning;
  uint32_t thread;
  std::optional<uint32_t> p, span;
  uint32_t sweepgen;
  std::vector<std::pair<std::string, uint64_t>> values;
};

// The outcome of --record.
struct RecordingResult {
  std::string file;
  uint64_t bytes = 0, events = 0;  // readable from the file
  std::string error;               // one line: why it ends before the run; empty: it is complete
  bool complete() const { return error.empty(); }
};

struct TelemetryCounts {
  uint64_t events = 0, lost = 0, bytes = 0;
  std::optional<RecordingResult> recording;
};

// The options with every default filled in.
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
  std::string complaint;  // one line, if the run failed
  std::optional<CheckFailure> check;
  uint64_t origin_ns = 0;   // monotonic; time 0 of the recording, of gctrace and of the times in the JSON
  Interval interval{};      // while mutators ran, without set-up and control stops; 0: not begun, not ended
  double wall_s = 0;        // length of the interval
  double cpu_s_before = 0;  // of the process, at the start of the interval
  double cpu_s = 0;         // of the process in the interval
  uint64_t peak_rss_bytes = 0;
  std::vector<engine::CycleRecord> cycles;   // in the order in which they ended
  std::optional<engine::EngineStats> stats;  // none: the run did not end in order
  std::vector<engine::Pause> control;        // empty stops, half before the mutators and half after
  std::vector<Figure> figures;
  std::optional<GapMeter> gaps;
  TelemetryCounts telemetry;
};

// 0: success or interrupted; 1: a check or a self-check failed, or the recording is incomplete, so that a
// script that reads it next stops here.
int exit_code(const RunResult& result);

}  // namespace sweepscope::workloads
