#include "engine/laboratory/search/experiment.h"

#include <bit>
#include <cstdio>
#include <cstdlib>

#include "engine/laboratory/oracle/closing.h"
#include "engine/laboratory/oracle/oracle.h"
#include "engine/laboratory/seam/outside_observer.h"
#include "engine/laboratory/search/engine_state.h"
#include "engine/laboratory/search/fault_fits.h"

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

engine::EngineOptions Experiment::options(observe::Observer* observer) const {
  engine::EngineOptions options;
  options.procs = setup_.size.procs;
  options.run_permits = setup_.scenario->permits > 0;
  options.cores = options.run_permits ? setup_.scenario->permits : setup_.size.procs;
  options.markers = setup_.scenario->helpers;
  if (options.markers > 0) options.shared_flush_procs = 1;
  options.gogc = setup_.scenario->gogc;
  options.flush_policy = setup_.policy;
  // One arena. Besides the scenario's objects, stack segments of the least size, eight to a span: four in the
  // cache of each P, one for the thread on it, and what main and a thread without a P hold.
  const uint64_t stack_bytes = uint64_t{engine::kStackSpanBytes} * setup_.size.procs;
  options.max_heap_bytes = options.arena_bytes =
      std::bit_ceil(setup_.scenario->heap_bytes(setup_.size) + stack_bytes);
  options.huge_pages = false;
  options.stw_sweep = setup_.scenario->stw_sweep;
  options.concurrent_mark = setup_.scenario->concurrent_mark;
  options.mark_workers = setup_.scenario->mark_workers;
  options.scavenger = setup_.scenario->scavenger;
  options.observer = observer;
  return options;
}

// The main fiber of every run. Oracle and engine lie in the run's memory and are freed with it.
void Experiment::program() {
  const auto oracle = std::make_unique<Oracle>(scheduler_);
  oracle_ = oracle.get();
  set_witness(oracle.get());
  std::optional<OutsideObserver> observer;
  if (observer_ != nullptr) observer.emplace(*observer_);
  engine::Engine::Created made = engine::Engine::create(options(observer ? &*observer : nullptr));
  if (made.engine == nullptr) {  // problem_with() lets through only what the engine accepts
    std::fprintf(stderr, "fatal: the laboratory could not create its engine: %s\n", made.error.c_str());
    std::abort();
  }
  runtime_ = &made.engine->runtime();
  engine_stands_ = true;
  scheduler_.checkpoint();
  setup_.scenario->program(*made.engine, setup_.size);
  close_run(*made.engine, *oracle);
  engine_stands_ = false;
  made.engine.reset();
  witnessed_ = oracle->facts();
}

RunReport Experiment::run(Strategy& strategy, FairTail fair_tail, observe::Observer* observer) {
  RunSettings settings = usual_settings();
  settings.observer = observer;
  if (fair_tail == FairTail::kNo) settings.fair_after = settings.max_steps;
  observer_ = observer;
  made_.reset();  // this run reuses its memory
  oracle_ = nullptr;
  witnessed_ = 0;
  return report(scheduler_.run(
      "main", [this] { program(); }, strategy, settings));
}

RunReport Experiment::run_made(Strategy& strategy) {
  if (!kRunsHaveImages) return run(strategy, FairTail::kYes);
  const RunSettings settings = usual_settings();
  if (!made_) {
    go_to_checkpoint(settings);
    scheduler_.save(made_.emplace(), Scheduler::KeepTrace::kYes);
  }
  set_witness(oracle_);
  observer_ = nullptr;
  return report(scheduler_.run_from(*made_, strategy, settings));
}

void Experiment::keep_made() { scheduler_.save(made_.emplace(), Scheduler::KeepTrace::kYes); }

RunReport Experiment::report(RunReport of_scheduler) {
  // Abandoned as it stood; a schedule that does not fit may end before the oracle is made.
  if (of_scheduler.outcome != Outcome::kFinished && oracle_ != nullptr) witnessed_ = oracle_->facts();
  set_witness(nullptr);
  return named(std::move(of_scheduler));
}

RunReport Experiment::named(RunReport report) const {
  const ViolationKind kind = report.violation.kind;
  if (report.outcome == Outcome::kViolation &&
      (kind == ViolationKind::kDeadlock || kind == ViolationKind::kLivelock))
    if (const std::string rule = oracle_->liveness(); !rule.empty()) report.violation.rule = rule;
  return report;
}

RunSettings Experiment::usual_settings() const {
  RunSettings settings;
  settings.fault = setup_.fault;
  settings.checks = &setup_.checks;
  settings.image = kRunsHaveImages;
  settings.sleepers = setup_.sleepers;
  settings.gogc_on = setup_.scenario->gogc != engine::kGcOff;
  return settings;
}

void Experiment::go_to_checkpoint(const RunSettings& settings) {
  observer_ = nullptr;
  scheduler_.start(
      "main", [this] { program(); }, settings);
  while (!scheduler_.stands_at_checkpoint()) scheduler_.pick(0);
}

Scheduler& Experiment::start(Merge merge) {
  RunSettings settings = usual_settings();
  settings.reads = true;
  settings.merge = merge == Merge::kYes;
  settings.fair_after = settings.max_steps;
  go_to_checkpoint(settings);
  return scheduler_;
}

Scheduler& Experiment::start_stepping(observe::Observer* observer) {
  RunSettings settings = usual_settings();
  settings.every_step = true;
  settings.observer = observer_ = observer;
  made_.reset();  // this run reuses its memory
  oracle_ = nullptr;
  engine_stands_ = false;
  scheduler_.start(
      "main", [this] { program(); }, settings);
  return scheduler_;
}

Experiment::Turn::Turn(Experiment& experiment) { set_witness(experiment.oracle_); }
Experiment::Turn::~Turn() { set_witness(nullptr); }

RunReport Experiment::so_far() const {
  RunReport report = scheduler_.so_far();
  report.steps = scheduler_.trace().size();
  report.fibers = scheduler_.fibers();
  return named(std::move(report));
}

// A run that ends before its oracle exists has made no facts.
RunReport Experiment::finish() {
  RunReport of_scheduler = scheduler_.finish();
  if (oracle_ != nullptr) return report(std::move(of_scheduler));
  set_witness(nullptr);
  return of_scheduler;
}

uint64_t Experiment::state() const {
  Digest digest;
  scheduler_.for_each_fiber([&](uint32_t, bool finished, const engine::Access& next, uint64_t reads) {
    digest.add(finished ? 1 : (uint64_t{next.step.id} << 32) | next.object);
    if (!finished) digest.add(reads);
  });
  digest.add(scheduler_.chooser());
  for (const std::span<const std::byte> data : scheduler_.shared())
    digest.add_bytes(data.data(), data.size());
  oracle_->add_state(digest);
  add_engine_state(digest, *runtime_);
  return digest.value();
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
