// The search of all states: its reduction loses none, its hash distinguishes different states, and it finds
// violations. Not built under sanitizers, where runs have no image.
#include "engine/laboratory/search/state_search.h"

#include <gtest/gtest.h>

#include "engine/laboratory/scenarios/program.h"
#include "engine/laboratory/search/replay.h"

namespace sweepscope::laboratory {
namespace {

constexpr uint64_t kAll = ~uint64_t{0};

Setup with(const Scenario* scenario, const char* policy, uint32_t procs = 2) {
  Setup setup;
  setup.scenario = scenario;
  setup.policy = policy;
  setup.size = {procs, 1};
  return setup;
}
Setup pair_of(const char* policy, uint32_t procs = 2) { return with(find_scenario("pair"), policy, procs); }

// Two Ps, one span: one thread leaves a half empty span in its mcache and collects, the other allocates.
uint64_t one_span(ScenarioSize) { return 4 * 8192; }
std::string no_bounds(ScenarioSize) { return "two threads without a choice"; }
void allocate_during_a_cycle(engine::Engine& engine, ScenarioSize) {
  engine.start_mutator("collector", [](engine::Mutator& m) {
    Held held(m);
    held.take(m);
    m.collect();
  });
  engine.start_mutator("mutator", [](engine::Mutator& m) {
    Held held(m);
    held.take(m);
  });
  engine.join_mutators();
}
constexpr Scenario kDuringACycle{.name = "during-a-cycle",
                                 .text = "",
                                 .defaults = {2, 1},
                                 .most = {2, 1},
                                 .heap_bytes = one_span,
                                 .bounds = no_bounds,
                                 .program = allocate_during_a_cycle,
                                 .hashable_state = true};

class StateSearchOf : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Policies, StateSearchOf, testing::Values("eager", "lazy", "idle-first", "ragged"));

// The plain search decides before every step. The reduced one must visit exactly those of its states in which
// no fiber's next step is merged.
TEST_P(StateSearchOf, ReducedSearchVisitsTheStatesOfPlainSearch) {
  // One after the other, so that both have the same image and the same addresses.
  StateSet reduced;
  {
    Experiment experiment(with(&kDuringACycle, GetParam()));
    StateSearch search(experiment, std::nullopt);
    ASSERT_EQ(search.search(kAll), StateSearch::Progress::kComplete);
    reduced = search.seen();
  }
  Experiment experiment(with(&kDuringACycle, GetParam()));
  StateSearch plain(experiment, std::nullopt, Experiment::Merge::kNo);
  plain.note_decisions();
  ASSERT_EQ(plain.search(kAll), StateSearch::Progress::kComplete);

  uint64_t missed = 0, invented = 0;
  plain.at_decisions().for_each([&](uint64_t state) { missed += reduced.contains(state) ? 0 : 1; });
  reduced.for_each([&](uint64_t state) { invented += plain.seen().contains(state) ? 0 : 1; });
  EXPECT_EQ(missed, 0u);
  EXPECT_EQ(invented, 0u);
  EXPECT_GT(plain.states(), reduced.size());
  std::printf("%s: %llu states reduced, %llu plain\n", GetParam(),
              static_cast<unsigned long long>(reduced.size()),
              static_cast<unsigned long long>(plain.states()));
}

TEST_P(StateSearchOf, EqualStatesHaveEqualFutures) {
  Experiment experiment(pair_of(GetParam()));
  StateSearch search(experiment, std::nullopt);
  search.audit();
  search.search(300'000);
  EXPECT_EQ(search.differences(), 0u);
  EXPECT_GT(search.audited(), 1000u);
}

TEST_P(StateSearchOf, OnePIsCompleteWithoutViolation) {
  Experiment experiment(pair_of(GetParam(), 1));
  StateSearch search(experiment, std::nullopt);
  EXPECT_EQ(search.search(kAll), StateSearch::Progress::kComplete);
  EXPECT_GT(search.ends(), 100u);
}

TEST(StateSearch, RestoreContinuesTheSameRun) {
  Experiment experiment(pair_of("lazy"));
  Scheduler& scheduler = experiment.start();
  for (int i = 0; i < 25; ++i) scheduler.pick(i % 2 % scheduler.alternatives());
  Snapshot here;
  scheduler.save(here);
  const auto rest = [&] {
    while (scheduler.alternatives() > 0) scheduler.pick(0);
    return scheduler.trace().size();
  };
  const uint64_t state = experiment.state();
  const size_t length = rest();
  scheduler.restore(here);
  EXPECT_EQ(experiment.state(), state);
  EXPECT_EQ(rest(), length);
  const RunReport report = experiment.finish();
  EXPECT_EQ(report.outcome, Outcome::kFinished);
}

TEST(StateSearch, FindsAFaultThatReplays) {
  auto setup = pair_of("lazy");
  setup.fault = engine::Fault::kAcquirePNoFlush;
  Experiment experiment(setup);
  StateSearch search(experiment, std::nullopt);
  ASSERT_EQ(search.search(kAll), StateSearch::Progress::kViolation);
  const RunReport report = search.violation();
  EXPECT_EQ(report.violation.rule, "I1");
  const Schedule schedule = experiment.schedule(1, report);
  Replay replay(schedule);
  const RunReport again = experiment.run(replay, Experiment::FairTail::kNo);
  EXPECT_EQ(again.hash, report.hash);
  EXPECT_EQ(again.violation.rule, report.violation.rule);
}

TEST(StateSearch, MorePreemptionsReachMoreStates) {
  uint64_t before = 0;
  for (uint32_t bound = 0; bound < 3; ++bound) {
    Experiment experiment(with(&kDuringACycle, "lazy"));
    StateSearch search(experiment, bound);
    EXPECT_EQ(search.search(kAll), StateSearch::Progress::kComplete);
    EXPECT_GT(search.states(), before);
    before = search.states();
  }
}

}  // namespace
}  // namespace sweepscope::laboratory
