#include "engine/laboratory/scenarios/scenario.h"

#include <algorithm>
#include <array>

#include "engine/laboratory/scenarios/contents_scenarios.h"
#include "engine/laboratory/scenarios/crew_scenario.h"
#include "engine/laboratory/scenarios/cycle_scenarios.h"
#include "engine/laboratory/scenarios/ensure_swept_scenario.h"
#include "engine/laboratory/scenarios/fault_scenarios.h"
#include "engine/laboratory/scenarios/marking_scenario.h"
#include "engine/laboratory/scenarios/mcache_scenarios.h"
#include "engine/laboratory/scenarios/pacing_scenarios.h"
#include "engine/laboratory/scenarios/permits_scenario.h"
#include "engine/laboratory/scenarios/reclaim_scenario.h"
#include "engine/laboratory/scenarios/roots_scenario.h"
#include "engine/laboratory/scenarios/scavenge_scenario.h"
#include "engine/laboratory/scenarios/sweep_scenario.h"

namespace sweepscope::laboratory {
namespace {

constexpr std::array kScenarios{
    kSweepScenario,      kTwoCyclesScenario,   kBlockingScenario, kCompletionScenario, kResizeScenario,
    kShrinkScenario,     kGrowScenario,        kWaiterScenario,   kOverlapScenario,    kRefillScenario,
    kReferencesScenario, kEnsureSweptScenario, kReclaimScenario,  kWakeScenario,       kTinyScenario,
    kStatisticsScenario, kStwSweepScenario,    kPairScenario,     kMarkingScenario,    kFinalizersScenario,
    kLargeScenario,      kTwoMarkersScenario,  kRootsScenario,    kScavengeScenario,   kAssistsScenario,
    kPacerScenario,      kPermitsScenario,     kFlushScenario,    kClearingScenario,   kLostObjectScenario,
    kCrewScenario,       kCrewMarksScenario};

// The place of a scavenging pass, what the pacer computes with, and the tickets of run permits are no part of a state.
static_assert(std::none_of(kScenarios.begin(), kScenarios.end(), [](const Scenario& s) {
  return s.hashable_state && (s.scavenger || s.gogc != engine::kGcOff || s.permits > 0);
}));

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

const Scenario* find_scenario(std::string_view name) {
  const auto found = std::find_if(kScenarios.begin(), kScenarios.end(),
                                  [name](const Scenario& s) { return s.name == name; });
  return found == kScenarios.end() ? nullptr : &*found;
}

}  // namespace sweepscope::laboratory
