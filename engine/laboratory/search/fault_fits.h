// The faults of `sweepctl list`: under which policies each exists, which rules detect its harm, and
// which scenarios show it. Read by explore, the kill matrix and the tests.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/base/fault.h"
#include "engine/laboratory/search/experiment.h"

namespace sweepscope::laboratory {

struct FaultFit {
  engine::Fault fault;
  std::span<const std::string_view> policies;
  // The rules that detect its harm; empty: equivalent, no rule is ever violated. Other checks may fire first,
  // because a fault also breaks what depends on the missing part.
  std::span<const std::string_view> rules;
  std::span<const std::string_view> scenarios;  // in which it can show; the fastest first
  // Settings of check_modes.h for rules that would stop every run at the missing part itself, before any
  // harm.
  std::span<const std::string_view> passed = {};
  // Not empty: the fault cannot show under sequential consistency; the test that finds it.
  std::string_view outside = {};
};

std::span<const FaultFit> fault_fits();
const FaultFit& fit_of(engine::Fault fault);
bool fits(engine::Fault fault, std::string_view policy);
bool fits_scenario(engine::Fault fault, std::string_view scenario);

// An empty string, or why the fault cannot show under this policy in this scenario (empty: in any).
std::string misfit_of(engine::Fault fault, std::string_view policy, std::string_view scenario);

// A setup of the scenario's default size with the fault, and with the settings `passed` of the fault.
Setup planted(engine::Fault fault, std::string_view policy, const Scenario& scenario);

}  // namespace sweepscope::laboratory
