// `sweepctl explore` after the flags are parsed: searches schedules of the real engine for one that violates
// a rule. Called by the command line on the main thread; prints its own output and errors.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sweepscope::workloads {

struct ExploreOptions {
  std::string scenario;              // empty: every scenario that fits the fault, in turn
  std::optional<std::string> flush;  // flush policy; none: kDefaultFlush
  std::string fault;                 // empty: none
  std::vector<std::string> checks;   // RULE=MODE; empty: the settings of the fault (FaultFit::passed)
  uint32_t procs = 0;                // 0: the default of the scenario
  uint32_t spans = 0;                // 0: the default of the scenario
  std::string strategy = "mix";      // random, pct, mix, dfs
  // dfs: the maximum number, or "none" for all interleavings. None: kDefaultPreemptions
  std::optional<std::string> preemptions;
  bool first = false;            // keep the first counterexample found, not the one to learn from
  bool matrix = false;           // search for every fault under every policy: see matrix.h
  uint64_t schedules = 0;        // limit; 0: none
  double seconds = 0;            // limit; 0: none. Both 0: kDefaultSchedules
  std::optional<uint64_t> seed;  // none: from the clock; printed. Not for dfs
  std::string out;               // file for the schedule of a violation; empty: violation.schedule.txt
  std::string record;            // file for an MCAP recording of the violation; empty: none
  std::string json;              // the result as JSON: a file, or "-" for standard output; empty: none
  bool quiet = false;            // prints errors and JSON only
  const std::atomic<bool>* interrupted = nullptr;  // Ctrl-C: stop the search and report
};

inline constexpr uint64_t kDefaultSchedules = 100'000;
inline constexpr const char* kDefaultFlush = "lazy";
inline constexpr const char* kDefaultPreemptions = "2";

// Returns 0: no violation; 1: a violation (printed, schedule written), or a result could not be written; 2:
// bad usage, one line on stderr; 130: an interrupted matrix.
int explore_command(const ExploreOptions& options);

// Of `options.preemptions`. None: all interleavings, or an invalid number.
std::optional<uint32_t> preemption_bound(const ExploreOptions& options);

// For `sweepctl list`.
struct LaboratoryItem {
  std::string name, text;
  std::vector<std::string> policies;  // under which the fault exists; empty: all
};
std::vector<LaboratoryItem> laboratory_scenarios();
std::vector<LaboratoryItem> laboratory_faults();

}  // namespace sweepscope::workloads
