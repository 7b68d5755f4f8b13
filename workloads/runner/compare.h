// `sweepctl compare`: runs a workload under several policies, numbers of Ps and GOGCs and takes the medians
// of the repeats. Each run is a fresh process (`sweepctl run ... --json -`). The runs are interleaved, so
// that a slow minute of the machine affects all combinations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "workloads/expected.h"
#include "workloads/runner/interrupts.h"

namespace sweepscope::workloads {

struct CompareOptions {
  std::string workload;
  std::vector<std::string> flush{"eager", "lazy"};
  std::vector<std::string> procs;      // empty: the default of `run`
  std::vector<std::string> gogc;       // empty: the default of the workload
  uint32_t repeat = 6;                 // a multiple of 2 and of 3 policies: see plan()
  std::vector<std::string> passed_on;  // flags and values for every `run`
  bool quiet = false;
};

// One child process: its place in the table and its command.
struct CompareJob {
  std::string flush, procs, gogc;  // procs, gogc: empty = not given
  uint32_t repeat;                 // 0 = first
  std::vector<std::string> arguments;
};
// The order of the policies rotates by one in each repeat: if the number of repeats is a multiple of the
// number of policies, each policy runs equally often in each place.
std::vector<CompareJob> plan(const CompareOptions& options, const std::string& executable);

// A row of the table: medians over the repeats. Absent: no repeat measured it.
struct CompareRow {
  std::string flush, procs, gogc;
  uint32_t runs = 0;
  // pause_go: Go's clock, without marking; pause, ttsp, control: the whole stop.
  std::optional<double> pause_go_p50_us, pause_go_p99_us, pause_p50_us, ttsp_p50_us, control_p50_us,
      control_go_p50_us;
  std::optional<double> flush_barrier_p50_us, wall_s, cpu_s, peak_rss_mib;
  std::optional<double> spans_per_pause;      // flushed inside the mark-termination pause, median over cycles
  std::optional<double> pause_ns_per_span;    // (pause_go - control_go) / spans_per_pause
  std::optional<double> barrier_ns_per_span;  // CPU of the flush barrier
  std::optional<double> ratio;  // pause_go_p50 of `eager` with the same procs and gogc, divided by this row's
};

struct CompareResult {
  std::vector<CompareRow> rows;
  std::vector<nlohmann::ordered_json> runs;  // the result of every child, in the order of the runs
  std::vector<std::string> failures;         // one line each
  bool interrupted = false;
};

// Fails if a child refuses its input. A run that fails a check is in `failures`.
Expected<CompareResult> compare(const CompareOptions& options, Interrupts& interrupts);

std::vector<CompareRow> medians(const std::vector<nlohmann::ordered_json>& runs);
std::string table(const std::vector<CompareRow>& rows);
std::string csv(const std::vector<CompareRow>& rows);
nlohmann::ordered_json to_json(const CompareOptions& options, const CompareResult& result);

}  // namespace sweepscope::workloads
