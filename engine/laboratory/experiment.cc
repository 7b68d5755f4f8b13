#include "engine/laboratory/experiment.h"

#include <bit>
#include <cstdio>
#include <cstdlib>

#include "engine/laboratory/closing.h"
#include "engine/laboratory/fault_fits.h"
#include "engine/laboratory/oracle.h"

namespace sweepscope::laboratory {

std::string problem_with(const Setup& setup) {
  if (setup.scenario == nullptr) return "no scenario";
  if (engine::flush_policy_summary(setup.policy).empty())
    return "unknown flush policy '" + setup.policy + "'";
  if (setup.fault)
    if (std::string problem = misfit_of(*setup.fault, setup.policy, setup.scenario->name); !problem.empty())
      return problem;
  const ScenarioSize most = setup.scenario->most;
  if (setup.size.procs < 1 || setup.size.procs > most.procs)
    return "scenario '" + std::string(setup.scenario->name) + "' takes 1 to " + std::to_string(most.procs) +
           " procs, not " + std::to_string(setup.size.procs);
  if (setup.size.spans < 1 || setup.size.spans > most.spans)
    return "scenario '" + std::string(setup.scenario->name) + "' takes 1 to " + std::to_string(most.spans) +
           " spans, not " + std::to_string(setup.size.spans);
  return {};
}

SetupOf setup_of(const Schedule& schedule) {
  SetupOf result;
  Setup& setup = result.setup;
  setup.scenario = find_scenario(schedule.scenario);
  setup.policy = schedule.policy;
  setup.size = {schedule.procs, schedule.spans};
  if (setup.scenario == nullptr) {
    result.error = "unknown scenario '" + schedule.scenario + "'";
    return result;
  }
  if (!schedule.fault.empty()) {
    setup.fault = engine::find_fault(schedule.fault);
    if (!setup.fault) {
      result.error = "unknown fault '" + schedule.fault + "'";
      return result;
    }
  }
  for (const std::string& setting : schedule.checks)
    if (result.error = setup.checks.set(setting); !result.error.empty()) return result;
  result.error = problem_with(setup);
  return result;
}

RunReport Experiment::run(Strategy& strategy, FairTail fair_tail, observe::Observer* observer,
                          bool footprints) {
  Oracle oracle(scheduler_);
  engine::EngineOptions options;
  options.procs = setup_.size.procs;
  options.cores = setup_.size.procs;
  options.markers = 0;
  options.gogc = engine::kGcOff;
  options.flush_policy = setup_.policy;
  // One arena. Besides the scenario's objects, stack segments of the least size: two caches' worth for each P covers
  // what its cache and the threads hold.
  const uint64_t stack_bytes = uint64_t{2} * engine::kStackSpanBytes * setup_.size.procs;
  options.max_heap_bytes = options.arena_bytes =
      std::bit_ceil(setup_.scenario->heap_bytes(setup_.size) + stack_bytes);
  options.huge_pages = false;
  options.stw_sweep = setup_.scenario->stw_sweep;
  options.observer = observer;

  RunSettings settings;
  settings.fault = setup_.fault;
  settings.checks = &setup_.checks;
  settings.observer = observer;
  settings.footprints = footprints;
  if (fair_tail == FairTail::kNo) settings.fair_after = settings.max_steps;

  set_witness(&oracle);
  RunReport report = scheduler_.run(
      "main",
      [this, &options, &oracle] {
        engine::Engine::Created made = engine::Engine::create(options);
        if (made.engine == nullptr) {  // problem_with() lets through only what the engine accepts
          std::fprintf(stderr, "fatal: the laboratory's engine was refused: %s\n", made.error.c_str());
          std::abort();
        }
        setup_.scenario->program(*made.engine, setup_.size);
        close_run(*made.engine, oracle);
      },
      strategy, settings);
  set_witness(nullptr);
  witnessed_ = oracle.facts();
  if (report.outcome == Outcome::kViolation && (report.violation.kind == ViolationKind::kDeadlock ||
                                                report.violation.kind == ViolationKind::kLivelock))
    if (const std::string rule = oracle.liveness(); !rule.empty()) report.violation.rule = rule;
  return report;
}

Schedule Experiment::schedule(uint64_t seed, const RunReport& report) const {
  Schedule s;
  s.scenario = setup_.scenario->name;
  s.policy = setup_.policy;
  if (setup_.fault) s.fault = engine::name(*setup_.fault);
  s.procs = setup_.size.procs;
  s.spans = setup_.size.spans;
  s.seed = seed;
  s.checks = setup_.checks.settings();
  if (report.outcome == Outcome::kViolation) s.violation = report.violation.rule;
  for (uint32_t fiber = 0; fiber < report.fibers; ++fiber)
    s.fibers.emplace_back(scheduler_.fiber_name(fiber));
  s.steps.reserve(scheduler_.trace().size());
  for (const TracedStep& step : scheduler_.trace()) {
    ScheduledStep& line = s.steps.emplace_back(ScheduledStep{step.fiber, step.step.name, std::nullopt});
    if (step.choice != kNotAChoice) line.choice = step.choice;
  }
  return s;
}

}  // namespace sweepscope::laboratory
