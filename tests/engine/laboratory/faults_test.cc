// Search finds every fault of the catalogue under every policy in which it exists, by a rule of its own, and
// the schedule replays; it finds no violation for the equivalent fault; combinations that do not fit are
// refused with the reason.
#include "engine/laboratory/search/fault_fits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/laboratory/search/explorer.h"
#include "engine/laboratory/search/replay.h"
#include "tests/support/seed.h"

namespace sweepscope::laboratory {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kWithin = 500, kSurvive = 100, kSeeds = 4;  // ucontext and the sanitizers' own cost
constexpr bool kRareOnesToo = false;  // some take 20'000 schedules, and other policies: the release build's
#else
constexpr uint64_t kWithin = 100'000, kSurvive = 2'000, kSeeds = 2'000;
constexpr bool kRareOnesToo = true;
#endif

uint64_t base_seed() { return sweepscope::testing::seed_or(1); }

SearchResult search(Experiment& experiment, uint64_t schedules) {
  SearchLimits limits;
  limits.schedules = schedules;
  return laboratory::search(experiment, Method::kMix, base_seed(), limits);
}

std::vector<std::string> policies_of(const FaultFit& fit) {
  std::vector<std::string> policies;
  for (const std::string& policy : engine::flush_policy_names())
    if (fits(fit.fault, policy)) policies.push_back(policy);
  if (!kRareOnesToo && !policies.empty()) policies.resize(1);
  return policies;
}

// By way of the text format, in another Experiment.
void expect_replays(const Finding& finding) {
  const ParsedSchedule parsed = parse_schedule(format_schedule(finding.schedule));
  ASSERT_TRUE(parsed.schedule) << parsed.error;
  EXPECT_EQ(*parsed.schedule, finding.schedule);
  const SetupOf setup = setup_of(*parsed.schedule);
  ASSERT_EQ(setup.error, "");
  Experiment other(setup.setup);
  Replay replay(*parsed.schedule);
  const RunReport report = other.run(replay, Experiment::FairTail::kNo);
  EXPECT_EQ(report.outcome, Outcome::kViolation) << report.misfit;
  EXPECT_EQ(report.hash, finding.hash);
  EXPECT_EQ(report.violation.rule, finding.violation.rule);
  EXPECT_EQ(report.violation.sentence, finding.violation.sentence);
  EXPECT_EQ(report.notes.size(), finding.notes.size());
}

std::string test_name(std::string name) {
  std::erase(name, '-');
  return name;
}
std::string fault_name(const ::testing::TestParamInfo<engine::Fault>& p) {
  return test_name(std::string(engine::name(p.param)));
}

std::vector<engine::Fault> faults(bool findable) {
  std::vector<engine::Fault> list;
  for (const FaultFit& fit : fault_fits())
    if (fit.outside.empty() && fit.rules.empty() != findable) list.push_back(fit.fault);
  return list;
}

class FindableFault : public ::testing::TestWithParam<engine::Fault> {};

TEST_P(FindableFault, IsFoundAndReplaysUnderEveryPolicyThatHasIt) {
  const FaultFit& fit = fit_of(GetParam());
  for (const std::string& policy : policies_of(fit)) {
    SCOPED_TRACE(policy);
    std::optional<Finding> finding;
    for (const std::string_view scenario : fit.scenarios) {
      Experiment experiment(planted(fit.fault, policy, *find_scenario(scenario)));
      const SearchResult result = search(experiment, kWithin);
      ASSERT_EQ(result.nondeterminism, "");
      if (!result.finding) continue;
      finding = result.finding;
      break;
    }
    if (!finding && !kRareOnesToo) continue;
    ASSERT_TRUE(finding) << "not found in " << kWithin << " schedules of each of its scenarios";
    std::printf("%s, %s: %s after %llu schedules, %zu steps\n  %s\n",
                std::string(engine::name(fit.fault)).c_str(), policy.c_str(), finding->violation.rule.c_str(),
                static_cast<unsigned long long>(finding->found_after), finding->schedule.steps.size(),
                finding->violation.sentence.c_str());
    EXPECT_THAT(fit.rules, ::testing::Contains(finding->violation.rule)) << finding->violation.sentence;
    EXPECT_EQ(finding->schedule.violation, finding->violation.rule);
    EXPECT_LE(finding->switches, finding->found_switches);
    expect_replays(*finding);
  }
}
INSTANTIATE_TEST_SUITE_P(Section10, FindableFault, ::testing::ValuesIn(faults(true)), fault_name);

// no-write-barrier leaves out one of two shades, by a choice of the schedule: each case loses an object.
TEST(FindableFaultVariants, EachMissingShadeLosesAnObject) {
  std::set<uint32_t> left_out;
  for (uint64_t seed = base_seed(); seed < base_seed() + kSeeds && left_out.size() < 2; ++seed) {
    Experiment experiment(planted(engine::Fault::kNoWriteBarrier, "lazy", *find_scenario("marking")));
    SearchLimits limits;
    limits.schedules = kWithin;
    const SearchResult result = laboratory::search(experiment, Method::kMix, seed * 1'000'003, limits);
    if (!result.finding && !kRareOnesToo) continue;
    ASSERT_TRUE(result.finding) << seed;
    EXPECT_EQ(result.finding->violation.rule, "I2");
    for (const ScheduledStep& step : result.finding->schedule.steps)
      if (step.name.starts_with("fault no-write-barrier")) left_out.insert(step.choice.value());
  }
  if (kRareOnesToo) {
    EXPECT_THAT(left_out, ::testing::ElementsAre(0u, 1u));
  }
}

// no-allocate-black has two cases under ragged: while marking, and in a STALE span.
TEST(FindableFaultVariants, ObjectOfAStaleSpanMustBeBlackAlsoWithoutMarking) {
  Experiment experiment(planted(engine::Fault::kNoAllocateBlack, "ragged", *find_scenario("sweep")));
  const SearchResult result = search(experiment, kWithin);
  if (!result.finding && !kRareOnesToo) GTEST_SKIP() << "not found in the few schedules of a sanitizer build";
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->violation.rule, "I2");
}

class EquivalentFault : public ::testing::TestWithParam<engine::Fault> {};

TEST_P(EquivalentFault, IsNotFoundInAnyScenario) {
  const FaultFit& fit = fit_of(GetParam());
  for (const std::string& policy : policies_of(fit)) {
    for (const std::string_view scenario : fit.scenarios) {
      Experiment experiment(planted(fit.fault, policy, *find_scenario(scenario)));
      const SearchResult result = search(experiment, kSurvive);
      ASSERT_EQ(result.nondeterminism, "");
      if (result.finding)
        FAIL() << policy << ", " << scenario << ": " << result.finding->violation.rule << ": "
               << result.finding->violation.sentence;
      EXPECT_EQ(result.stats.schedules, kSurvive);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Section10, EquivalentFault, ::testing::ValuesIn(faults(false)), fault_name);

TEST(FaultFit, OneFaultIsEquivalentAndTwoAreOutsideSequentialConsistency) {
  EXPECT_THAT(faults(false), ::testing::ElementsAre(engine::Fault::kFlushgenBeforeFlush));
  for (const FaultFit& fit : fault_fits()) {
    if (fit.outside.empty()) continue;
    EXPECT_THAT(misfit_of(fit.fault, "lazy", ""), ::testing::HasSubstr("ctest -L relacy"))
        << engine::name(fit.fault);
  }
  EXPECT_EQ(std::count_if(fault_fits().begin(), fault_fits().end(),
                          [](const FaultFit& f) { return !f.outside.empty(); }),
            2);
}

TEST(FaultFit, EveryScenarioAndEverySettingOfTheTableExists) {
  for (const FaultFit& fit : fault_fits()) {
    for (const std::string_view scenario : fit.scenarios)
      EXPECT_NE(find_scenario(scenario), nullptr) << scenario;
    CheckModes modes;
    for (const std::string_view setting : fit.passed) EXPECT_EQ(modes.set(setting), "");
  }
}

TEST(FaultFit, CombinationsThatDoNotFitAreRefusedWithTheReason) {
  using ::testing::HasSubstr;
  const Scenario& sweep = *find_scenario("sweep");
  EXPECT_EQ(problem_with(planted(engine::Fault::kAcquirePNoFlush, "lazy", sweep)), "");
  EXPECT_THAT(problem_with(planted(engine::Fault::kAcquirePNoFlush, "eager", sweep)),
              HasSubstr("does not exist under policy 'eager', only under: lazy-seed lazy"));
  EXPECT_THAT(problem_with(planted(engine::Fault::kStwLeavesBlockedP, "lazy", *find_scenario("grow"))),
              HasSubstr("cannot show in scenario 'grow', only in: blocking"));
  EXPECT_THAT(problem_with(planted(engine::Fault::kSweptStoreRelaxed, "lazy", sweep)),
              HasSubstr("tests/litmus/relacy"));
  EXPECT_THAT(problem_with(planted(engine::Fault::kAcquirePNoFlush, "sleepy", sweep)),
              HasSubstr("unknown flush policy 'sleepy'"));
}

// D2 and D3 of engine/README.md, by search.
TEST(LazySeed, KeepsDeadSpansAndCompletesTooEarly) {
  struct Defect {
    const char *scenario, *rule;
  };
  for (const Defect defect : {Defect{"two-cycles", "I11"}, Defect{"waiter", "I13"}}) {
    const Scenario& scenario = *find_scenario(defect.scenario);
    for (const std::string policy : {"lazy-seed", "lazy"}) {
      Experiment experiment({.scenario = &scenario,
                             .policy = policy,
                             .fault = std::nullopt,
                             .size = scenario.defaults,
                             .checks = {}});
      const SearchResult result = search(experiment, kSurvive);
      ASSERT_EQ(result.nondeterminism, "");
      if (policy == "lazy") {
        EXPECT_FALSE(result.finding) << result.finding->violation.sentence;
        continue;
      }
      ASSERT_TRUE(result.finding) << defect.rule;
      EXPECT_EQ(result.finding->violation.rule, defect.rule) << result.finding->violation.sentence;
      expect_replays(*result.finding);
    }
  }
}

}  // namespace
}  // namespace sweepscope::laboratory
