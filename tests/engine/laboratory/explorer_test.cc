// The laboratory on the real engine: each fault is found, the correct engine survives, replays are exact.
#include "engine/laboratory/explorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "engine/laboratory/random_walk.h"
#include "engine/laboratory/replay.h"

namespace sweepscope::laboratory {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kSurvive = 300;  // ucontext and the sanitizers' own cost
#else
constexpr uint64_t kSurvive = 20'000;
#endif

uint64_t base_seed() {
  const char* text = std::getenv("SWEEPSCOPE_SEED");
  const uint64_t value = text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
  std::printf("SWEEPSCOPE_SEED=%llu\n", static_cast<unsigned long long>(value));
  return value;
}

Setup sweep_setup(std::string policy, std::optional<engine::Fault> fault = std::nullopt) {
  return {.scenario = find_scenario("sweep"), .policy = std::move(policy), .fault = fault, .size = {2, 2}};
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

struct FaultCase {
  engine::Fault fault;
  const char* policy;
  uint64_t within;                 // schedules
  std::vector<std::string> rules;  // any of them
};

class ExplorerFault : public testing::TestWithParam<FaultCase> {};

TEST_P(ExplorerFault, IsFoundNamedAndReplays) {
  const FaultCase& c = GetParam();
  Experiment experiment(sweep_setup(c.policy, c.fault));
  const SearchResult result = search(experiment, c.within);
  ASSERT_EQ(result.nondeterminism, "");
  ASSERT_TRUE(result.finding) << "not found in " << c.within << " schedules";
  const Finding& finding = *result.finding;
  std::printf("%s: %s after %llu schedules, %llu steps -> %zu, %llu switches -> %llu\n  %s\n",
              std::string(engine::name(c.fault)).c_str(), finding.violation.rule.c_str(),
              static_cast<unsigned long long>(finding.found_after),
              static_cast<unsigned long long>(finding.found_steps), finding.schedule.steps.size(),
              static_cast<unsigned long long>(finding.found_switches),
              static_cast<unsigned long long>(finding.switches), finding.violation.sentence.c_str());
  EXPECT_THAT(c.rules, testing::Contains(finding.violation.rule)) << finding.violation.sentence;
  EXPECT_EQ(finding.schedule.violation, finding.violation.rule);
  EXPECT_LE(finding.switches, finding.found_switches);

  // By way of the file, in another laboratory.
  const ParsedSchedule parsed = parse_schedule(format_schedule(finding.schedule));
  ASSERT_TRUE(parsed.schedule) << parsed.error;
  const SetupOf setup = setup_of(*parsed.schedule);
  ASSERT_EQ(setup.error, "");
  Experiment other(setup.setup);
  Replay replay(*parsed.schedule);
  const RunReport report = other.run(replay, Experiment::FairTail::kNo);
  EXPECT_EQ(report.outcome, Outcome::kViolation) << report.misfit;
  EXPECT_EQ(report.hash, finding.hash);
  EXPECT_EQ(report.violation.sentence, finding.violation.sentence);
}

INSTANTIATE_TEST_SUITE_P(
    Sweep, ExplorerFault,
    testing::Values(FaultCase{engine::Fault::kRefillNoCachedMark, "lazy", 5000, {"I5"}},
                    FaultCase{engine::Fault::kUncacheNoStaleTest, "lazy", 5000, {"I3", "I7"}},
                    FaultCase{
                        engine::Fault::kAcquirePNoFlush, "lazy", 5000, {"I1", "bad sweepgen in refill"}},
                    FaultCase{engine::Fault::kRefillNoCachedMark, "idle-first", 5000, {"I5"}},
                    FaultCase{engine::Fault::kUncacheNoStaleTest, "idle-first", 5000, {"I3", "I7"}},
                    FaultCase{
                        engine::Fault::kAcquirePNoFlush, "idle-first", 5000, {"I1", "bad sweepgen in refill"}},
                    FaultCase{engine::Fault::kRefillNoCachedMark, "ragged", 5000, {"I5"}},
                    FaultCase{engine::Fault::kUncacheNoStaleTest, "ragged", 5000, {"I3", "I7"}}),
    [](const auto& p) {
      std::string name = std::string(engine::name(p.param.fault)) + "_" + p.param.policy;
      std::erase(name, '-');
      return name;
    });

class ExplorerPolicy : public testing::TestWithParam<std::string> {};

TEST_P(ExplorerPolicy, CorrectEngineSurvives) {
  Experiment experiment(sweep_setup(GetParam()));
  const SearchResult result = search(experiment, kSurvive);
  ASSERT_EQ(result.nondeterminism, "");
  if (result.finding)
    FAIL() << result.finding->violation.rule << ": " << result.finding->violation.sentence << "\n"
           << format_schedule(result.finding->schedule);
  EXPECT_EQ(result.stats.schedules, kSurvive);
  EXPECT_GT(result.stats.facts, 10 * kSurvive) << "the oracle heard next to nothing";
  std::printf("%s: %llu schedules, %.1f steps each, %.2f M steps/s, %u fibers\n", GetParam().c_str(),
              static_cast<unsigned long long>(result.stats.schedules),
              static_cast<double>(result.stats.steps) / static_cast<double>(kSurvive),
              static_cast<double>(result.stats.steps) / result.stats.seconds / 1e6, result.stats.most_fibers);
}

INSTANTIATE_TEST_SUITE_P(Sweep, ExplorerPolicy, testing::ValuesIn(engine::flush_policy_names()),
                         [](const auto& p) {
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

class ExplorerScenario : public testing::TestWithParam<std::string> {};

// Every scenario of the catalogue under every policy of the catalogue.
TEST_P(ExplorerScenario, CorrectEngineSurvivesUnderEveryPolicy) {
  const Scenario& scenario = *find_scenario(GetParam());
  for (const std::string& policy : engine::flush_policy_names()) {
    if (policy == "lazy-seed") continue;  // keeps the seed's defects on purpose
    Experiment experiment(
        {.scenario = &scenario, .policy = policy, .fault = std::nullopt, .size = scenario.defaults});
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

TEST(Explorer, EveryLotteryFindsTheMissingFlushAndSaysTheSameTwice) {
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

TEST(Explorer, DfsCompletesTwoCyclesWithOnePreemption) {
  const Scenario& scenario = *find_scenario("two-cycles");
  Experiment experiment(
      {.scenario = &scenario, .policy = "lazy", .fault = std::nullopt, .size = scenario.defaults});
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

TEST(Experiment, FaultOnAPolicyThatLacksItIsRefused) {
  EXPECT_EQ(problem_with(sweep_setup("lazy", engine::Fault::kAcquirePNoFlush)), "");
  EXPECT_NE(
      problem_with(sweep_setup("eager", engine::Fault::kAcquirePNoFlush)).find("does not exist under policy"),
      std::string::npos);
  EXPECT_NE(problem_with(sweep_setup("sleepy")).find("unknown flush policy 'sleepy'"), std::string::npos);
}

}  // namespace
}  // namespace sweepscope::laboratory
