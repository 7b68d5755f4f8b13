// What the scenarios above the protocol must reach to prove anything: an assist that ends the marking, credit that is
// stolen, an allocation that is held back, a turn that is given, a flush by a helper. Their rules are tested with the
// faults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/laboratory/search/explorer.h"
#include "engine/laboratory/search/random_walk.h"

namespace sweepscope::laboratory {
namespace {

// The steps that random schedules of a scenario take, each as "fiber: step".
std::set<std::string> steps_of(const char* name, const char* policy, uint64_t schedules) {
  const Scenario& scenario = *find_scenario(name);
  Experiment experiment({.scenario = &scenario,
                         .policy = policy,
                         .fault = std::nullopt,
                         .size = scenario.defaults,
                         .checks = {}});
  std::set<std::string> steps;
  for (uint64_t seed = 1; seed <= schedules; ++seed) {
    RandomWalk walk(seed);
    const RunReport report = experiment.run(walk, Experiment::FairTail::kYes);
    EXPECT_EQ(report.outcome, Outcome::kFinished) << report.violation.sentence;
    for (const TracedStep& step : experiment.scheduler().trace())
      steps.insert(std::string(experiment.scheduler().fiber_name(step.fiber)) + ": " + step.step.name);
  }
  return steps;
}

constexpr uint64_t kSchedules = 300;

// It leaves the flush barrier to a worker; under a policy without one it ends the cycle itself.
TEST(AssistsScenario, MutatorEndsTheMarkingAndLeavesTheBarrier) {
  const std::set<std::string> steps = steps_of("assists", "lazy", kSchedules);
  EXPECT_TRUE(steps.contains("allocator: assist: steal credit"));
  EXPECT_TRUE(steps.contains("allocator: assist: wait for credit, work or the end"));
  EXPECT_TRUE(steps.contains("allocator: mark termination: heap_live := marked"));
  EXPECT_TRUE(steps.contains("allocator: gc: leave the flush barrier to a worker"));
  EXPECT_TRUE(steps.contains("gcworker: gc: take the flush barrier"));
  EXPECT_FALSE(steps_of("assists", "eager", kSchedules)
                   .contains("allocator: gc: leave the flush barrier to a worker"));
}

TEST(PacerScenario, CyclesAreTriggeredAndAllocationIsHeldBack) {
  const std::set<std::string> steps = steps_of("pacer", "lazy", kSchedules);
  EXPECT_TRUE(steps.contains("mutator 1: gc: held back until the cycle ends"));
  EXPECT_TRUE(steps.contains("mutator 1: assist: steal credit"));
  EXPECT_TRUE(steps.contains("mutator 1: sweep credit: is enough swept?"));
  EXPECT_TRUE(steps.contains("main: set_gogc: lock mheap"));
}

TEST(PermitsScenario, TurnsAreGivenAndWaitedFor) {
  const std::set<std::string> steps = steps_of("permits", "lazy", kSchedules);
  EXPECT_TRUE(steps.contains("allocator: permit: wait for the turn"));
  EXPECT_TRUE(steps.contains("allocator: poll: is the slice over?"));
  EXPECT_TRUE(steps.contains("collector: permit: wait for the turn"));
}

// Only there: elsewhere every fiber may run, and the schedule takes turns.
TEST(PermitsScenario, OtherScenariosHaveNoPermits) {
  for (const std::string& step : steps_of("assists", "lazy", 20))
    EXPECT_EQ(step.find(": permit:"), std::string::npos);
}

// Coordinator and helper each flush, and the coordinator waits; without helpers in the scenario, or under a policy that
// flushes nothing in the pause, there is nothing to share.
TEST(CrewScenario, HelperSharesTheFlushesOfThePause) {
  for (const char* scenario : {"crew", "crew-marks"}) {
    const std::set<std::string> steps = steps_of(scenario, "eager", kSchedules);
    EXPECT_TRUE(steps.contains("gcmark: stopped crew: take a piece of work")) << scenario;
    EXPECT_TRUE(steps.contains("gcmark: flush: done, flush_gen := h")) << scenario;
    EXPECT_TRUE(steps.contains("collector: flush: done, flush_gen := h") ||
                steps.contains("gcworker: flush: done, flush_gen := h"))
        << scenario;
    const std::set<std::string> lazy = steps_of(scenario, "lazy", kSchedules);
    EXPECT_FALSE(lazy.contains("gcmark: stopped crew: take a piece of work")) << scenario;
  }
  for (const std::string& step : steps_of("two-cycles", "eager", 20))
    EXPECT_FALSE(step.starts_with("gcmark"));
}
TEST(CrewScenario, HelperSharesTheMarkingThatStopsTheWorld) {
  EXPECT_TRUE(steps_of("crew-marks", "lazy", kSchedules).contains("gcmark: mark: take a root job"));
  EXPECT_FALSE(steps_of("crew", "lazy", kSchedules).contains("gcmark: mark: take a root job"));
}

}  // namespace
}  // namespace sweepscope::laboratory
