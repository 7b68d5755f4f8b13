// The search: runs schedule after schedule until one breaks a rule, then proves that it replays and makes it
// short. Called by explore and by the tests, on one OS thread.
//
//   random   uniform walks with seeds `seed`, `seed` + 1, ...
//   pct      priorities with depth 3 (pct.h)
//   mix      the two in turn: random has the lower median on most faults, pct where a long stall is needed
//   dfs      everything with no preemption, then with at most 1, then 2, ... (iterative context bounding,
//            Musuvathi and Qadeer 2007); what was completed is printed. Bound "none": all interleavings.
//            Of scenarios that tell their state: every state once (state_search.h); else, and where runs have
//            no image: every schedule (depth_first.h)
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "engine/laboratory/experiment.h"

namespace sweepscope::laboratory {

enum class Method : uint8_t { kRandom, kPct, kMix, kDfs };
std::optional<Method> find_method(std::string_view name);
std::string_view name(Method method);

struct SearchStats {
  uint64_t schedules = 0;  // of a search of states: ways to an end
  uint64_t states = 0;     // of a search of states: different ones met
  uint64_t steps = 0;
  uint64_t switches = 0;
  uint64_t facts = 0;  // statements the oracle heard
  uint32_t most_fibers = 0;
  uint64_t longest = 0;  // steps of the longest schedule
  double seconds = 0;
  std::vector<Note> notes;  // of all schedules; step and sentence of the first
};

struct SearchLimits {
  uint64_t schedules = 0;  // 0: no limit
  double seconds = 0;      // 0: no limit
  // dfs: the highest bound to be tried; none: all interleavings at once.
  std::optional<uint32_t> preemptions = 2;
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const SearchStats&)> progress;  // about four times a second
};

struct Finding {
  Violation violation;             // of the shortened schedule
  std::vector<Note> notes;         // of it, before it was broken
  Schedule schedule;               // shortened
  uint64_t found_after = 0;        // schedules, this one included
  uint64_t found_total_steps = 0;  // of all schedules up to it
  double found_seconds = 0;
  uint64_t found_steps = 0, found_switches = 0;  // before shortening
  uint64_t switches = 0;
  uint64_t hash = 0;  // of the events of the shortened schedule, the same in every replay
};

struct SearchResult {
  SearchStats stats;
  std::optional<Finding> finding;
  // What the search proved: "complete within: 2 Ps, ..., preemptions <= 2", or "cut at ..."; empty: nothing,
  // it was random.
  std::string coverage;
  // Not empty: one schedule ran twice and did not give the same events. A defect of the laboratory or of the
  // engine's seam, never a result about the protocol; the search stops.
  std::string nondeterminism;
};

// Up to the first violation. Under a fault, if another rule than the fault's own fired first, the search goes
// on for up to kLookFurther schedules to show the harm by its name, and keeps the first finding if it does
// not turn up.
inline constexpr uint64_t kLookFurther = 200;
SearchResult search(Experiment& experiment, Method method, uint64_t seed, const SearchLimits& limits);

}  // namespace sweepscope::laboratory
