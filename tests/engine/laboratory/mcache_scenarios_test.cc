// D4 in the seed policy: the sweep of a stopped world leaves stale mcaches.
// The faults around it are in faults_test.cc.
#include <gtest/gtest.h>

#include "engine/laboratory/search/explorer.h"

namespace sweepscope::laboratory {
namespace {

TEST(LazySeed, SweepsAStoppedWorldWithoutFlushing) {  // D4, golang/go #53885
  const Scenario& scenario = *find_scenario("stw-sweep");
  Experiment experiment({.scenario = &scenario,
                         .policy = "lazy-seed",
                         .fault = std::nullopt,
                         .size = scenario.defaults,
                         .checks = {}});
  SearchLimits limits;
  limits.schedules = 20'000;
  const SearchResult result = laboratory::search(experiment, Method::kRandom, 1, limits);
  EXPECT_EQ(result.nondeterminism, "");
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->violation.rule, "I7");
  EXPECT_NE(result.finding->violation.sentence.find("a sweep of the stopped world has ended"),
            std::string::npos);
}

}  // namespace
}  // namespace sweepscope::laboratory
