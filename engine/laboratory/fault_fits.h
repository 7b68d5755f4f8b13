// What is known of each fault (PROTOCOL.md section 10): where the piece that it leaves out exists at all,
// which rules name the harm, and where to look for it. Read by explore, the kill matrix and the tests.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/base/fault.h"
#include "engine/laboratory/experiment.h"

namespace sweepscope::laboratory {

struct FaultFit {
  engine::Fault fault;
  std::span<const std::string_view> policies;
  // The rules that name its harm; empty: equivalent, no rule is ever broken. Other checks may fire first: a
  // fault breaks what depends on it, too.
  std::span<const std::string_view> rules;
  std::span<const std::string_view> scenarios;  // in which it can show; the quickest first
  // Settings of check_modes.h for rules that would stop every run at the missing piece itself, before any
  // harm.
  std::span<const std::string_view> passed = {};
  // Not empty: fibers see sequential consistency, so nothing shows here; the test that finds it.
  std::string_view outside = {};
};

std::span<const FaultFit> fault_fits();
const FaultFit& fit_of(engine::Fault fault);
bool fits(engine::Fault fault, std::string_view policy);
bool fits_scenario(engine::Fault fault, std::string_view scenario);

// An empty string, or why the fault cannot be looked for under this policy in this scenario (empty: in any).
std::string misfit_of(engine::Fault fault, std::string_view policy, std::string_view scenario);

// A setup of the scenario's own size with the fault planted, what stands before its harm passed.
Setup planted(engine::Fault fault, std::string_view policy, const Scenario& scenario);

}  // namespace sweepscope::laboratory
