// The search: runs schedule after schedule until one breaks a rule, then proves that it replays and makes it
// short. Called by explore and by the tests, on one OS thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "engine/laboratory/experiment.h"

namespace sweepscope::laboratory {

struct SearchStats {
  uint64_t schedules = 0;
  uint64_t steps = 0;
  uint64_t switches = 0;
  uint64_t facts = 0;  // statements the oracle heard
  uint32_t most_fibers = 0;
  uint64_t longest = 0;  // steps of the longest schedule
  double seconds = 0;
};

struct SearchLimits {
  uint64_t schedules = 0;  // 0: no limit
  double seconds = 0;      // 0: no limit
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const SearchStats&)> progress;  // about four times a second
};

struct Finding {
  Violation violation;                           // of the shortened schedule
  Schedule schedule;                             // shortened
  uint64_t found_after = 0;                      // schedules, this one included
  uint64_t found_steps = 0, found_switches = 0;  // before shortening
  uint64_t switches = 0;
  uint64_t hash = 0;  // of the events of the shortened schedule, the same in every replay
};

struct SearchResult {
  SearchStats stats;
  std::optional<Finding> finding;
  // Not empty: one schedule ran twice and did not give the same events. A defect of the laboratory or of the
  // engine's seam, never a result about the protocol; the search stops.
  std::string nondeterminism;
};

// Random walks with seeds `seed`, `seed` + 1, ...
SearchResult search_at_random(Experiment& experiment, uint64_t seed, const SearchLimits& limits);

}  // namespace sweepscope::laboratory
