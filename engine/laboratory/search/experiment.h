// Runs a scenario on a new engine, for explore, step and the tests.
//
// An Experiment is bound to the OS thread that uses it. After a violation the engine of that run is abandoned
// with its threads and locks: nothing of it is destroyed. The next run reuses its memory; under sanitizers
// the memory leaks.
#pragma once

#include <optional>
#include <string>

#include "engine/laboratory/scenarios/scenario.h"
#include "engine/laboratory/seam/check_modes.h"
#include "engine/laboratory/seam/scheduler.h"
#include "engine/laboratory/seam/snapshot.h"
#include "engine/laboratory/search/schedule.h"

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

// An empty string, or one line: why the setup is invalid.
std::string problem_with(const Setup& setup);

// The setup that a schedule's header describes, or why it is invalid.
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
  // For searches, with the fair tail: the same, but the strategy starts after the creation of the engine.
  // Where runs have an image, the engine is created once and copied.
  RunReport run_made(Strategy& strategy);

  // A run by hand becomes what run_made() starts from, as it stands at a decision. Not under sanitizers.
  void keep_made();

  // By hand, for searches over states: runs until the engine is created and the program is about to begin;
  // then call scheduler().pick() repeatedly, and state() at a decision. Not under sanitizers.
  enum class Merge : uint8_t { kNo, kYes };  // RunSettings::merge
  Scheduler& start(Merge merge = Merge::kYes);
  // By hand, for a person: every step is a decision, from the first one on. Also under sanitizers. Of the decisions,
  // checkpoint() is none: pick(0) passes it.
  Scheduler& start_stepping(observe::Observer* observer);
  // Around the picks of a run by hand, if other runs are made on this OS thread in between.
  class Turn {
   public:
    explicit Turn(Experiment& experiment);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
  };
  // Whether the engine of a run by hand is complete, so that runtime() may be read.
  bool engine_stands() const { return engine_stands_; }
  // The outcome of a run by hand so far, a deadlock or livelock named after the rule that it violates.
  RunReport so_far() const;
  RunReport finish();  // of a run by hand
  // A hash of everything that later steps depend on.
  uint64_t state() const;

  // The schedule of the last run.
  Schedule schedule(uint64_t seed, const RunReport& report) const;

  Scheduler& scheduler() { return scheduler_; }
  const Setup& setup() const { return setup_; }
  const Scheduler& scheduler() const { return scheduler_; }
  engine::Runtime& runtime() { return *runtime_; }   // of the current run, while no fiber runs
  const Oracle& oracle() const { return *oracle_; }  // of a run by hand, once its engine stands
  uint64_t witnessed() const { return witnessed_; }  // facts reported to the oracle in the last run

 private:
  void program();
  RunSettings usual_settings() const;
  void go_to_checkpoint(const RunSettings& settings);
  RunReport report(RunReport of_scheduler);
  RunReport named(RunReport report) const;
  engine::EngineOptions options(observe::Observer* observer) const;

  Setup setup_;
  Scheduler scheduler_;
  observe::Observer* observer_ = nullptr;  // of the current run
  // In the run's memory:
  Oracle* oracle_ = nullptr;
  engine::Runtime* runtime_ = nullptr;
  bool engine_stands_ = false;    // runs by hand only
  std::optional<Snapshot> made_;  // run_made(): the state after the engine was created
  uint64_t witnessed_ = 0;
};

}  // namespace sweepscope::laboratory
