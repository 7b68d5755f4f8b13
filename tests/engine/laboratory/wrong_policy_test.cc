// The worked example of engine/gc/policies/README.md: a sixth policy, small, plausible and wrong, and the
// violations that the explorer finds in it. Only this test registers it.
#include <gtest/gtest.h>

#include "engine/gc/policies/catalogue.h"
#include "engine/gc/policies/lazy.h"
#include "engine/laboratory/search/explorer.h"

namespace sweepscope::laboratory {
namespace {

// The idea: a thread that wakes up should not wait for a flush. No other thread may allocate from its stale
// spans, so let it use their free slots, and flush at the next refill.
class OnRefillPolicy final : public engine::LazyPolicy {
 public:
  using LazyPolicy::LazyPolicy;
  void at_acquire(engine::SchedThread&, engine::P&) override {}
  void at_procresize(engine::SchedThread&, engine::P&) override {}
  void at_slow_path(engine::SchedThread& m) override {
    prepare_for_sweep(m, heap_, *m.mcache, observe::FlushCause::kSlowPath);
  }
};

constexpr engine::PolicyEntry kOnRefill{"on-refill", "flushes a stale mcache when it is first refilled",
                                        engine::make_policy<OnRefillPolicy>};

SearchResult search(std::string_view scenario_name, Method method) {
  const Scenario& scenario = *find_scenario(scenario_name);
  Experiment experiment({.scenario = &scenario,
                         .policy = "on-refill",
                         .fault = std::nullopt,
                         .size = scenario.defaults,
                         .checks = {}});
  SearchLimits limits;
  limits.schedules = 5000;
  limits.preemptions = 1;  // of a depth-first search
  return laboratory::search(experiment, method, 1, limits);
}

TEST(WrongPolicy, IsRegisteredInThisTestOnly) {
  EXPECT_EQ(engine::find_policy("on-refill"), nullptr);
  {
    const engine::PolicyForTesting known(kOnRefill);
    EXPECT_EQ(engine::find_policy("on-refill"), &kOnRefill);
    for (const engine::PolicyEntry& entry : engine::policies()) EXPECT_NE(entry.name, "on-refill");
  }
  EXPECT_EQ(engine::find_policy("on-refill"), nullptr);
}

// The fast path allocates a slot whose object has no mark: the following flush would free it.
TEST(WrongPolicy, ExplorerRefutesItAndNamesTheRule) {
  const engine::PolicyForTesting known(kOnRefill);
  for (const char* scenario : {"sweep", "wake"}) {
    const SearchResult result = search(scenario, Method::kMix);
    ASSERT_EQ(result.nondeterminism, "");
    ASSERT_TRUE(result.finding) << scenario;
    const Violation& violation = result.finding->violation;
    std::printf("%s: %s after %llu schedules, %zu steps\n  %s\n", scenario, violation.rule.c_str(),
                static_cast<unsigned long long>(result.finding->found_after),
                result.finding->schedule.steps.size(), violation.sentence.c_str());
    EXPECT_EQ(violation.rule, "I1");
    EXPECT_NE(violation.sentence.find("leaves the object white"), std::string::npos) << violation.sentence;
  }
}

TEST(WrongPolicy, DepthFirstSearchRefutesItWithOnePreemption) {
  const engine::PolicyForTesting known(kOnRefill);
  const SearchResult result = search("wake", Method::kDfs);
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->violation.rule, "I1");
}

}  // namespace
}  // namespace sweepscope::laboratory
