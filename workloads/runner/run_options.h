// The options of `sweepctl run`, set by the command line or by a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sweepscope::workloads {

// The maximum values of the flags.
inline constexpr uint64_t kMostCycles = 1'000'000'000;
inline constexpr uint64_t kMostHeapMib = 1 << 20;
inline constexpr double kMostSeconds = 10'000'000;

struct RunOptions {
  std::string workload;
  std::vector<std::string> settings;  // KEY=VALUE of the workload's own parameters
  std::optional<uint32_t> procs;      // none: the number of cores
  std::optional<uint32_t> threads;    // none: the default of the workload, or min(procs, 256)
  std::optional<uint32_t> gogc;       // kGcOff: off; none: the default of the workload, or 100
  std::string flush = "lazy";
  uint64_t seed = 1;
  std::optional<double> seconds;  // neither limit given: the default of the workload
  std::optional<uint64_t> cycles;
  bool verify = false;
  bool poison = false;                             // fill swept slots
  bool core = false;                               // abort on a failed check
  std::optional<uint64_t> heap_limit_mib;          // none: the default of the engine
  bool stw_mark = false, concurrent_mark = false;  // both false: concurrent marking
  bool stw_sweep = false;
  bool serial_flush = false;

  std::string record;                // file; empty: none
  bool force = false;                // overwrite a file that is not a recording
  std::optional<std::string> serve;  // address; empty: telemetry::default_address(); none: no server
  bool block_on_loss = false;

  double stop_patience_s = 3;  // how long to wait for mutators after an interrupt or the time limit
  bool gctrace = false;
  std::string json;  // file, or "-" for standard output; empty: none
  bool quiet = false;
  std::string command_line;  // as typed, for the recording
};

}  // namespace sweepscope::workloads
