#include "engine/laboratory/scenario.h"

#include <algorithm>
#include <array>

#include "engine/laboratory/sweep_scenario.h"

namespace sweepscope::laboratory {
namespace {

constexpr std::array kScenarios{kSweepScenario};

// Under eager no mcache holds a span over the bump, so none of the three pieces has work there.
constexpr std::array<std::string_view, 4> kMarked{"lazy-seed", "lazy", "idle-first", "ragged"};
constexpr std::array<std::string_view, 3> kFlushedAtAcquire{"lazy-seed", "lazy", "idle-first"};
constexpr std::array kFits{
    FaultFit{engine::Fault::kRefillNoCachedMark, kMarked},
    FaultFit{engine::Fault::kUncacheNoStaleTest, kMarked},
    FaultFit{engine::Fault::kAcquirePNoFlush, kFlushedAtAcquire},
};
static_assert(kFits.size() == static_cast<size_t>(engine::Fault::kCount), "every fault says where it exists");

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

const Scenario* find_scenario(std::string_view name) {
  const auto found = std::find_if(kScenarios.begin(), kScenarios.end(),
                                  [name](const Scenario& s) { return s.name == name; });
  return found == kScenarios.end() ? nullptr : &*found;
}

std::span<const FaultFit> fault_fits() { return kFits; }

bool fits(engine::Fault fault, std::string_view policy) {
  for (const FaultFit& fit : kFits)
    if (fit.fault == fault)
      return std::find(fit.policies.begin(), fit.policies.end(), policy) != fit.policies.end();
  return false;
}

}  // namespace sweepscope::laboratory
