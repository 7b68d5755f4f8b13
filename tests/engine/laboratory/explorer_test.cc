// The laboratory on the real engine: no violation in the correct engine, exact replays.
#include "engine/laboratory/search/explorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "engine/laboratory/scenarios/program.h"
#include "engine/laboratory/search/random_walk.h"
#include "engine/laboratory/search/replay.h"

namespace sweepscope::laboratory {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kSurvive = 300, kUntilD1 = 500;  // ucontext and the sanitizers' own cost
constexpr bool kD1IsFound = false;                  // it takes thousands of schedules: the release build's
#else
constexpr uint64_t kSurvive = 20'000, kUntilD1 = 50'000;
constexpr bool kD1IsFound = true;
#endif

uint64_t base_seed() {
  const char* text = std::getenv("SWEEPSCOPE_TEST_SEED");
  const uint64_t value = text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
  std::printf("SWEEPSCOPE_TEST_SEED=%llu\n", static_cast<unsigned long long>(value));
  return value;
}

Setup sweep_setup(std::string policy, std::optional<engine::Fault> fault = std::nullopt) {
  return {.scenario = find_scenario("sweep"),
          .policy = std::move(policy),
          .fault = fault,
          .size = {2, 2},
          .checks = {}};
}

// lazy-seed keeps the seed's defects on purpose: faults_test.cc tests it.
std::vector<std::string> sound_policies() {
  std::vector<std::string> names = engine::flush_policy_names();
  std::erase(names, "lazy-seed");
  return names;
}

SearchResult search(Experiment& experiment, uint64_t schedules) {
  SearchLimits limits;
  limits.schedules = schedules;
  return laboratory::search(experiment, Method::kRandom, base_seed(), limits);
}

class Tape final : public observe::Observer {  // every record with its stream, in the order of emission
 public:
  std::span<observe::Record> take_chunk(uint32_t stream) override { return {&slots_[stream % 64], 1}; }
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t) override {
    for (size_t i = 0; i < used; ++i) {
      bytes.append(reinterpret_cast<const char*>(&stream), sizeof stream);
      bytes.append(reinterpret_cast<const char*>(&chunk[i]), sizeof chunk[i]);
      ++kinds[static_cast<size_t>(chunk[i].header.kind)];
    }
  }
  void drain_for_crash() noexcept override {}
  std::string bytes;
  size_t kinds[32] = {};

 private:
  observe::Record slots_[64] = {};
};

class ExplorerPolicy : public testing::TestWithParam<std::string> {};

TEST_P(ExplorerPolicy, FindsNoViolationInTheCorrectEngine) {
  Experiment experiment(sweep_setup(GetParam()));
  const SearchResult result = search(experiment, kSurvive);
  ASSERT_EQ(result.nondeterminism, "");
  if (result.finding)
    FAIL() << result.finding->violation.rule << ": " << result.finding->violation.sentence << "\n"
           << format_schedule(result.finding->schedule);
  EXPECT_EQ(result.stats.schedules, kSurvive);
  EXPECT_GT(result.stats.facts, 10 * kSurvive) << "the oracle received almost no facts";
  std::printf("%s: %llu schedules, %.1f steps each, %.2f M steps/s, %u fibers\n", GetParam().c_str(),
              static_cast<unsigned long long>(result.stats.schedules),
              static_cast<double>(result.stats.steps) / static_cast<double>(kSurvive),
              static_cast<double>(result.stats.steps) / result.stats.seconds / 1e6, result.stats.most_fibers);
}

INSTANTIATE_TEST_SUITE_P(Sweep, ExplorerPolicy, testing::ValuesIn(sound_policies()), [](const auto& p) {
  std::string name = p.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Experiment, ReplayGivesAByteEqualEventStream) {
  Experiment first(sweep_setup("lazy")), second(sweep_setup("lazy"));
  for (uint64_t seed = base_seed(), end = seed + 50; seed < end; ++seed) {
    Tape one, two;
    RandomWalk walk(seed);
    const RunReport report = first.run(walk, Experiment::FairTail::kYes, &one);
    const Schedule schedule = first.schedule(seed, report);
    Replay replay(schedule);
    const RunReport again = second.run(replay, Experiment::FairTail::kNo, &two);
    ASSERT_EQ(again.outcome, report.outcome) << again.misfit;
    ASSERT_EQ(again.hash, report.hash) << "seed " << seed;
    ASSERT_EQ(one.bytes, two.bytes) << "seed " << seed;
    ASSERT_GT(one.kinds[static_cast<size_t>(observe::EventKind::kTurn)], 0u);
    ASSERT_GE(one.kinds[static_cast<size_t>(observe::EventKind::kStep)], report.steps);
  }
}

// Of a cycle that marks concurrently. The figures are read from its record: an observer changes no run.
TEST(Experiment, FiguresOfACycleAreObservedWithoutAStep) {
  const laboratory::Setup setup{.scenario = find_scenario("assists"),
                                .policy = "lazy",
                                .fault = std::nullopt,
                                .size = {2, 2},
                                .checks = {}};
  Experiment watched(setup), alone(setup);
  for (uint64_t seed = base_seed(), end = seed + 20; seed < end; ++seed) {
    Tape tape;
    RandomWalk one(seed), two(seed);
    const RunReport with = watched.run(one, Experiment::FairTail::kYes, &tape),
                    without = alone.run(two, Experiment::FairTail::kYes);
    ASSERT_EQ(with.hash, without.hash) << "seed " << seed;
    ASSERT_EQ(with.steps, without.steps) << "seed " << seed;
    const auto seen = [&](observe::EventKind kind) { return tape.kinds[static_cast<size_t>(kind)]; };
    ASSERT_GT(seen(observe::EventKind::kMarkShare), 0u);
    ASSERT_GE(seen(observe::EventKind::kMarkWork), seen(observe::EventKind::kMarkShare));
    ASSERT_EQ(seen(observe::EventKind::kAllocLatency), 0u) << "there is no clock";
  }
}

class ExplorerScenario : public testing::TestWithParam<std::string> {};

// Every scenario of the catalogue under every policy of the catalogue.
TEST_P(ExplorerScenario, FindsNoViolationUnderEveryPolicy) {
  const Scenario& scenario = *find_scenario(GetParam());
  for (const std::string& policy : sound_policies()) {
    Experiment experiment({.scenario = &scenario,
                           .policy = policy,
                           .fault = std::nullopt,
                           .size = scenario.defaults,
                           .checks = {}});
    SearchLimits limits;
    limits.schedules = kSurvive / 10;
    const SearchResult result = laboratory::search(experiment, Method::kMix, base_seed(), limits);
    ASSERT_EQ(result.nondeterminism, "") << policy;
    if (result.finding)
      FAIL() << policy << ": " << result.finding->violation.rule << ": " << result.finding->violation.sentence
             << "\n"
             << format_schedule(result.finding->schedule);
    EXPECT_EQ(result.stats.schedules, limits.schedules) << policy;
    std::printf("%s, %s: %llu schedules, longest %llu steps\n", GetParam().c_str(), policy.c_str(),
                static_cast<unsigned long long>(result.stats.schedules),
                static_cast<unsigned long long>(result.stats.longest));
  }
}

// Every thread that waits sleeps until it is woken: a wake-up that is lost anywhere is a deadlock.
TEST_P(ExplorerScenario, NoWakeUpIsLostUnderAnyPolicy) {
  const Scenario& scenario = *find_scenario(GetParam());
  for (const std::string& policy : sound_policies()) {
    Experiment experiment({.scenario = &scenario,
                           .policy = policy,
                           .fault = std::nullopt,
                           .size = scenario.defaults,
                           .checks = {},
                           .sleepers = true});
    SearchLimits limits;
    limits.schedules = kSurvive / 50;
    const SearchResult result = laboratory::search(experiment, Method::kMix, base_seed(), limits);
    ASSERT_EQ(result.nondeterminism, "") << policy;
    if (result.finding)
      FAIL() << policy << ": " << result.finding->violation.rule << ": "
             << result.finding->violation.sentence;
    EXPECT_EQ(result.stats.schedules, limits.schedules) << policy;
  }
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) names.emplace_back(scenario.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(All, ExplorerScenario, testing::ValuesIn(scenario_names()), [](const auto& p) {
  std::string name = p.param;
  std::erase(name, '-');
  return name;
});

TEST(Explorer, RandomMethodsFindTheMissingFlushReproducibly) {
  for (const Method method : {Method::kRandom, Method::kPct, Method::kMix}) {
    Experiment experiment(sweep_setup("lazy", engine::Fault::kAcquirePNoFlush));
    SearchLimits limits;
    limits.schedules = 20'000;
    const SearchResult one = laboratory::search(experiment, method, base_seed(), limits);
    const SearchResult two = laboratory::search(experiment, method, base_seed(), limits);
    ASSERT_TRUE(one.finding) << name(method);
    ASSERT_TRUE(two.finding) << name(method);
    EXPECT_EQ(one.finding->found_after, two.finding->found_after) << name(method);
    EXPECT_EQ(one.finding->hash, two.finding->hash) << name(method);
    std::printf("%s: %s after %llu schedules\n", std::string(name(method)).c_str(),
                one.finding->violation.rule.c_str(),
                static_cast<unsigned long long>(one.finding->found_after));
  }
}

// D1, Go #27997: the seed's false fatal error, found without a fault.
TEST(Explorer, SearchFindsD1InTheSeedPolicy) {
  const Scenario& scenario = *find_scenario("reclaim");
  laboratory::Setup setup{.scenario = &scenario,
                          .policy = "lazy-seed",
                          .fault = std::nullopt,
                          .size = scenario.defaults,
                          .checks = {}};
  for (const char* other : {"I11=note", "I13=note"}) setup.checks.set(other);  // D2, D3
  Experiment experiment(setup);
  SearchLimits limits;
  limits.schedules = kUntilD1;
  const SearchResult result = laboratory::search(experiment, Method::kMix, base_seed(), limits);
  if (!result.finding && !kD1IsFound) GTEST_SKIP() << "not found in the few schedules of a sanitizer build";
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->violation.rule, "non in-use span in unswept list")
      << result.finding->violation.sentence;
  std::printf("D1 after %llu schedules, %zu steps\n",
              static_cast<unsigned long long>(result.finding->found_after),
              result.finding->schedule.steps.size());
}

TEST(Explorer, DfsCompletesTwoCyclesWithOnePreemption) {
  const Scenario& scenario = *find_scenario("two-cycles");
  Experiment experiment({.scenario = &scenario,
                         .policy = "lazy",
                         .fault = std::nullopt,
                         .size = scenario.defaults,
                         .checks = {}});
  SearchLimits limits;
  limits.preemptions = kSurvive < 1000 ? 0 : 1;
  limits.schedules = 200'000;
  const SearchResult result = laboratory::search(experiment, Method::kDfs, 0, limits);
  EXPECT_EQ(result.nondeterminism, "");
  EXPECT_FALSE(result.finding);
  EXPECT_NE(result.coverage.find("complete within: 2 Ps"), std::string::npos) << result.coverage;
  EXPECT_NE(result.coverage.find("preemptions <= " + std::to_string(*limits.preemptions)), std::string::npos)
      << result.coverage;
  std::printf("%s: %llu schedules\n", result.coverage.c_str(),
              static_cast<unsigned long long>(result.stats.schedules));
}

// A mutator keeps its P without a poll until a cycle ends, but the cycle cannot begin without its poll.
TEST(Explorer, DeadlockInWhichACycleNeverEndsIsNamedL1) {
  const Scenario stubborn{
      .name = "stubborn",
      .text = "",
      .defaults = {.procs = 2, .spans = 1},
      .most = {.procs = 2, .spans = 1},
      .heap_bytes = [](ScenarioSize) { return uint64_t{1} << 16; },
      .bounds = [](ScenarioSize) { return std::string("2 Ps"); },
      .program =
          [](engine::Engine& engine, ScenarioSize) {
            Flag collected;
            engine.start_mutator("stubborn", [&collected](engine::Mutator&) { collected.wait(); });
            engine.start_mutator("collector", [&collected](engine::Mutator& m) {
              m.collect();
              collected.raise();
            });
            engine.join_mutators();
          },
  };
  Experiment experiment({.scenario = &stubborn,
                         .policy = "lazy",
                         .fault = std::nullopt,
                         .size = stubborn.defaults,
                         .checks = {}});
  const SearchResult result = search(experiment, 200);
  ASSERT_EQ(result.nondeterminism, "");
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->violation.rule, "L1");
  EXPECT_EQ(result.finding->violation.kind, ViolationKind::kDeadlock);
  EXPECT_EQ(result.finding->schedule.violation, "L1");
}

TEST(Experiment, ScenarioTooLargeOrUnknownPolicyIsRefusedWithTheReason) {
  laboratory::Setup setup = sweep_setup("lazy");
  EXPECT_EQ(problem_with(setup), "");
  setup.size.procs = 9;
  EXPECT_EQ(problem_with(setup), "scenario 'sweep' takes 1 to 8 procs, not 9");
  EXPECT_NE(problem_with(sweep_setup("sleepy")).find("unknown flush policy 'sleepy'"), std::string::npos);
}

}  // namespace
}  // namespace sweepscope::laboratory
