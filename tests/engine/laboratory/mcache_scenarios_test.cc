// What the laboratory finds around tiny blocks and the sweep of a stopped world.
#include <gtest/gtest.h>

#include "engine/laboratory/explorer.h"

namespace sweepscope::laboratory {
namespace {

SearchResult explore(const char* scenario_name, const char* policy, std::optional<engine::Fault> fault) {
  const Scenario& scenario = *find_scenario(scenario_name);
  Experiment experiment({.scenario = &scenario, .policy = policy, .fault = fault, .size = scenario.defaults, .checks = {}});
  SearchLimits limits;
  limits.schedules = 20'000;
  const SearchResult result = laboratory::search(experiment, Method::kRandom, 1, limits);
  EXPECT_EQ(result.nondeterminism, "");
  if (result.finding)
    std::printf("%s after %llu schedules: %s\n", result.finding->violation.rule.c_str(),
                static_cast<unsigned long long>(result.finding->found_after),
                result.finding->violation.sentence.c_str());
  return result;
}

TEST(McacheScenarios, TinyBlockThatOutlivesItsFlushIsFound) {
  for (const char* policy : {"lazy", "eager"}) {
    const SearchResult result = explore("tiny", policy, engine::Fault::kTinyNotCleared);
    ASSERT_TRUE(result.finding) << policy;
    const std::string& rule = result.finding->violation.rule;
    EXPECT_TRUE(rule == "I2" || rule == "found bad pointer in Go heap") << rule;
  }
}

TEST(McacheScenarios, StwSweepWithoutFlushIsFoundByI7) {
  const SearchResult result = explore("stw-sweep", "lazy", engine::Fault::kStwSweepNoFlush);
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->violation.rule, "I7");
}

TEST(McacheScenarios, LazySeedSweepsAStoppedWorldWithoutFlushing) {  // D4, golang/go #53885
  const SearchResult result = explore("stw-sweep", "lazy-seed", std::nullopt);
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->violation.rule, "I7");
  EXPECT_NE(result.finding->violation.sentence.find("a sweep of the stopped world has ended"), std::string::npos);
}

}  // namespace
}  // namespace sweepscope::laboratory
