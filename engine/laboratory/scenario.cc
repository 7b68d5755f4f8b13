#include "engine/laboratory/scenario.h"

#include <algorithm>
#include <array>

#include "engine/laboratory/cycle_scenarios.h"
#include "engine/laboratory/mcache_scenarios.h"
#include "engine/laboratory/sweep_scenario.h"

namespace sweepscope::laboratory {
namespace {

constexpr std::array kScenarios{kSweepScenario, kTwoCyclesScenario, kBlockingScenario, kCompletionScenario,
                                kResizeScenario, kTinyScenario, kStatisticsScenario, kStwSweepScenario};

// Under eager no mcache holds a span over the bump, so none of the three pieces has work there.
constexpr std::array<std::string_view, 4> kMarked{"lazy-seed", "lazy", "idle-first", "ragged"};
constexpr std::array<std::string_view, 3> kFlushedAtAcquire{"lazy-seed", "lazy", "idle-first"};
constexpr std::array<std::string_view, 1> kSweptWhileCached{"I5"};
constexpr std::array<std::string_view, 2> kNeverSwept{"I3", "I7"};
constexpr std::array<std::string_view, 2> kStaleAllocation{"I1", "I2"};
// A flush belongs to every policy; the flush before a sweep of the stopped world to those that leave caches stale and
// have the repair of D4.
constexpr std::array<std::string_view, 5> kAllPolicies{"eager", "lazy-seed", "lazy", "idle-first", "ragged"};
constexpr std::array<std::string_view, 3> kFlushBeforeStwSweep{"lazy", "idle-first", "ragged"};
constexpr std::array<std::string_view, 2> kCarvedFromAFreedBlock{"I2", "found bad pointer in Go heap"};
constexpr std::array<std::string_view, 1> kStaleAfterStwSweep{"I7"};
constexpr std::array kFits{
    FaultFit{engine::Fault::kRefillNoCachedMark, kMarked, kSweptWhileCached},
    FaultFit{engine::Fault::kUncacheNoStaleTest, kMarked, kNeverSwept},
    FaultFit{engine::Fault::kAcquirePNoFlush, kFlushedAtAcquire, kStaleAllocation},
    FaultFit{engine::Fault::kTinyNotCleared, kAllPolicies, kCarvedFromAFreedBlock},
    FaultFit{engine::Fault::kStwSweepNoFlush, kFlushBeforeStwSweep, kStaleAfterStwSweep},
};
static_assert(kFits.size() == static_cast<size_t>(engine::Fault::kCount), "every fault is described");
static_assert(
    [] {
      for (size_t i = 0; i < kFits.size(); ++i)
        if (static_cast<size_t>(kFits[i].fault) != i) return false;
      return true;
    }(),
    "in the order of the enumeration");

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

const Scenario* find_scenario(std::string_view name) {
  const auto found = std::find_if(kScenarios.begin(), kScenarios.end(),
                                  [name](const Scenario& s) { return s.name == name; });
  return found == kScenarios.end() ? nullptr : &*found;
}

std::span<const FaultFit> fault_fits() { return kFits; }

const FaultFit& fit_of(engine::Fault fault) { return kFits[static_cast<size_t>(fault)]; }

bool fits(engine::Fault fault, std::string_view policy) {
  const std::span<const std::string_view> policies = fit_of(fault).policies;
  return std::find(policies.begin(), policies.end(), policy) != policies.end();
}

}  // namespace sweepscope::laboratory
