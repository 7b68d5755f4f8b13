// One run of a scenario on a fresh engine: what explore, step and the tests do over and over.
//
// An Experiment is bound to the OS thread that uses it. After a violation the engine of that run is abandoned
// as it stands, threads, locks and all: nothing of it is destroyed, its memory stays allocated until the
// program ends.
#pragma once

#include <optional>
#include <string>

#include "engine/laboratory/check_modes.h"
#include "engine/laboratory/scenario.h"
#include "engine/laboratory/schedule.h"
#include "engine/laboratory/scheduler.h"
#include "engine/laboratory/snapshot.h"

namespace sweepscope::laboratory {

class Oracle;

struct Setup {
  const Scenario* scenario = nullptr;
  std::string policy = "lazy";
  std::optional<engine::Fault> fault;
  ScenarioSize size{2, 2};
  CheckModes checks;
  bool sleepers = false;  // RunSettings::sleepers; no part of a schedule's file
};

// An empty string, or one line that says why such a run cannot be made.
std::string problem_with(const Setup& setup);

// The setup that a schedule's header describes, or what is wrong with it.
struct SetupOf {
  Setup setup;
  std::string error;
};
SetupOf setup_of(const Schedule& schedule);

class Experiment {
 public:
  explicit Experiment(Setup setup) : setup_(std::move(setup)) {}

  // `fair_tail`: kYes for searches; a replay follows its schedule to the end.
  enum class FairTail : uint8_t { kNo, kYes };
  RunReport run(Strategy& strategy, FairTail fair_tail, observe::Observer* observer = nullptr);
  // For searches, with the fair tail: the same, but the making of the engine is no business of the strategy.
  // Where runs have an image it is made once and copied.
  RunReport run_made(Strategy& strategy);

  // By hand, for searches over states: goes to the state in which the engine is made and the program about to
  // begin; then scheduler().pick() and so on, state() at a decision. Not under sanitizers.
  enum class Merge : uint8_t { kNo, kYes };  // RunSettings::merge
  Scheduler& start(Merge merge = Merge::kYes);
  RunReport finish();  // of a run by hand
  // Everything that what happens next depends on, as a hash.
  uint64_t state() const;

  // The schedule of the last run.
  Schedule schedule(uint64_t seed, const RunReport& report) const;

  Scheduler& scheduler() { return scheduler_; }
  const Setup& setup() const { return setup_; }
  const Scheduler& scheduler() const { return scheduler_; }
  uint64_t witnessed() const { return witnessed_; }  // facts the oracle heard in the last run

 private:
  void program();
  RunSettings usual_settings() const;
  void go_to_checkpoint(const RunSettings& settings);
  RunReport report(RunReport of_scheduler);
  engine::EngineOptions options(observe::Observer* observer) const;

  Setup setup_;
  Scheduler scheduler_;
  observe::Observer* observer_ = nullptr;  // of the run under way
  // In the run's memory:
  Oracle* oracle_ = nullptr;
  engine::Runtime* runtime_ = nullptr;
  std::optional<Snapshot> made_;  // the state with the engine made, of run_made()
  uint64_t witnessed_ = 0;
};

}  // namespace sweepscope::laboratory
