// The search: runs schedule after schedule until one violates a rule, then checks that it replays and
// shortens it. Called by explore and by the tests, on one OS thread.
//
//   random   uniform walks with seeds `seed`, `seed` + 1, ...
//   pct      priorities with depth 3 (pct.h)
//   mix      the two in turn: random has the lower median on most faults, pct where a long stall is needed
//   dfs      all schedules with no preemption, then with at most 1, then 2, ... (iterative context bounding,
//            Musuvathi and Qadeer 2007); prints the completed bound. Bound "none": all interleavings.
//            For scenarios with hashable_state: every state once (state_search.h); for others, and where
//            runs have no image: every schedule (depth_first.h)
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "engine/laboratory/search/aftermath.h"
#include "engine/laboratory/search/experiment.h"

namespace sweepscope::laboratory {

enum class Method : uint8_t { kRandom, kPct, kMix, kDfs };
std::optional<Method> find_method(std::string_view name);
std::string_view name(Method method);

struct SearchStats {
  uint64_t schedules = 0;  // of a search of states: ways to an end
  uint64_t states = 0;     // of a search of states: visited
  uint64_t steps = 0;
  uint64_t switches = 0;
  uint64_t facts = 0;  // reported to the oracle
  uint32_t most_fibers = 0;
  uint64_t longest = 0;  // steps of the longest schedule
  double seconds = 0;
  std::vector<Note> notes;  // of all schedules; step and sentence of the first
};

struct SearchLimits {
  uint64_t schedules = 0;  // 0: no limit
  double seconds = 0;      // 0: no limit
  // dfs: the highest bound; none: all interleavings at once.
  std::optional<uint32_t> preemptions = 2;
  // Counterexamples to look at after the first one, to choose the one that teaches most; 0: the first is kept. Not dfs.
  uint32_t further = 0;
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const SearchStats&)> progress;  // about four times a second
};

struct Finding {
  Violation violation;             // of the shortened schedule
  std::vector<Note> notes;         // of it, before the violation
  Schedule schedule;               // shortened
  uint64_t found_after = 0;        // schedules, this one included
  uint64_t found_total_steps = 0;  // of all schedules up to it
  double found_seconds = 0;
  uint64_t found_steps = 0, found_switches = 0;  // before shortening
  uint64_t switches = 0;
  uint64_t hash = 0;  // of the events of the shortened schedule, the same in every replay
  // With SearchLimits::further, or by examine():
  std::optional<Aftermath> aftermath;
  bool stale = false;      // a stale span existed
  uint32_t chosen_of = 1;  // counterexamples looked at
};

struct SearchResult {
  SearchStats stats;
  std::optional<Finding> finding;
  // What the search covered: "complete within: 2 Ps, ..., preemptions <= 2", or "cut at ..."; empty for a
  // random search.
  std::string coverage;
  // Not empty: one schedule ran twice and gave different events. A defect of the laboratory or of the
  // engine's seam, not of the protocol; the search stops.
  std::string nondeterminism;
};

// With SearchLimits::further the search continues after its first counterexample, for schedules_further() more and
// kMostFurtherSteps at most, and keeps the one that is best to learn from (harm.h, teaching_order), each shortened.
// Counted in schedules, so that equal seeds find equal ones.
inline constexpr uint32_t kFurther = 7;
inline constexpr uint64_t kMostFurtherSteps = 3'000'000;
// As many again as the first one took; a hundred at least.
constexpr uint64_t schedules_further(uint64_t first_after) { return first_after < 100 ? 100 : first_after; }

// Searches up to the first violation. Under a fault, if another rule than the fault's own fires first, the
// search continues for up to kLookFurther schedules to find the fault's own rule, and else keeps the first
// finding.
inline constexpr uint64_t kLookFurther = 200;
SearchResult search(Experiment& experiment, Method method, uint64_t seed, const SearchLimits& limits);

// Fills in a finding's aftermath, and whether a stale span existed.
void examine(Experiment& experiment, Finding& finding);

}  // namespace sweepscope::laboratory
