// What `sweepctl run` was asked for. Filled by the command line, or by a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sweepscope::workloads {

// What the flags of a run may be at most.
inline constexpr uint64_t kMostCycles = 1'000'000'000;
inline constexpr uint64_t kMostHeapMib = 1 << 20;
inline constexpr double kMostSeconds = 10'000'000;

struct RunOptions {
  std::string workload;
  std::vector<std::string> settings;  // KEY=VALUE of the workload's own parameters
  std::optional<uint32_t> procs;      // none: as many as the machine's cores
  std::optional<uint32_t> threads;    // none: the workload's own number, or min(procs, 256)
  std::optional<uint32_t> gogc;       // kGcOff: off; none: the workload's own, or 100
  std::string flush = "lazy";
  uint64_t seed = 1;
  std::optional<double> seconds;  // with neither limit: the workload's own
  std::optional<uint64_t> cycles;
  bool verify = false;
  bool poison = false;                             // fill swept slots
  bool core = false;                               // abort on a failed check
  std::optional<uint64_t> heap_limit_mib;          // none: the engine's own
  bool stw_mark = false, concurrent_mark = false;  // neither: the default, stopped marking
  bool stw_sweep = false;

  std::string record;                // file; empty: none
  bool force = false;                // overwrite a file that is not a recording of ours
  std::optional<std::string> serve;  // address; empty: one of our own choice; none: no server
  bool block_on_loss = false;

  double stop_patience_s = 3;  // for mutators that do not stop after an interrupt or the run's time
  bool gctrace = false;
  std::string json;  // file, or "-" for standard output; empty: none
  bool quiet = false;
  std::string command_line;  // as typed, for the recording
};

}  // namespace sweepscope::workloads
