// What follows a violation: on known counterexamples of the real engine, and on programs that die or hang.
#include "engine/laboratory/search/aftermath.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "engine/base/witness.h"
#include "engine/laboratory/search/explorer.h"
#include "engine/laboratory/search/fault_fits.h"
#include "engine/laboratory/search/random_walk.h"
#include "engine/laboratory/search/stale_watch.h"

namespace sweepscope::laboratory {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

SearchResult search_for(std::string_view fault, uint32_t further = 0) {
  const engine::Fault planted_fault = *engine::find_fault(fault);
  Experiment experiment(
      planted(planted_fault, "lazy", *find_scenario(fit_of(planted_fault).scenarios.front())));
  SearchLimits limits;
  limits.schedules = 20'000;
  limits.further = further;
  SearchResult result = search(experiment, Method::kMix, 1, limits);
  EXPECT_TRUE(result.finding) << fault;
  if (result.finding && further == 0) examine(experiment, *result.finding);
  return result;
}

TEST(Aftermath, AWrongAllocationLosesALiveObjectLater) {
  const Finding finding = *search_for("acquirep-no-flush").finding;
  EXPECT_EQ(name(finding.aftermath->harm), "memory") << finding.aftermath->text;
  EXPECT_THAT(finding.aftermath->text, HasSubstr("live object"));
  EXPECT_THAT(finding.aftermath->text, ContainsRegex("[0-9]+ steps? later, with " + finding.violation.rule));
  EXPECT_GT(finding.aftermath->step, finding.violation.step);
  EXPECT_TRUE(finding.stale);
}

TEST(Aftermath, AViolationThatIsHarmNeedsNoRun) {
  const Finding books = *search_for("nmalloc-after-sweep").finding,
                hang = *search_for("ensure-rejects-cached").finding;
  EXPECT_EQ(describe(*books.aftermath), "books: this violation is the harm itself");
  EXPECT_EQ(books.aftermath->step, books.violation.step);
  EXPECT_EQ(describe(*hang.aftermath), "hang: this violation is the harm itself");
}

// markroot_spans refuses a CACHED span, which is what a span in an mcache is.
TEST(Aftermath, ACheckThatFiresWhereNothingIsWrongIsAFalseAlarm) {
  const Finding finding = *search_for("markroot-rejects-cached").finding;
  EXPECT_EQ(describe(*finding.aftermath),
            "false alarm: in 16 runs from here to the end of the program the oracle finds nothing wrong");
  EXPECT_EQ(finding.aftermath->step, 0u);
}

TEST(Aftermath, ABrokenPromiseAboveTheProtocolHarmsNothing) {
  const Finding finding = *search_for("two-fractional").finding;
  EXPECT_EQ(describe(*finding.aftermath),
            "none: no harm in 16 runs from here to the end of the program, with budget noted");
}

TEST(Aftermath, EqualArgumentsGiveEqualAnswers) {
  const engine::Fault fault = *engine::find_fault("claim-without-cas");
  const Finding finding = *search_for("claim-without-cas").finding;
  const laboratory::Setup setup = planted(fault, "lazy", *find_scenario(fit_of(fault).scenarios.front()));
  EXPECT_EQ(what_follows(setup, finding.schedule, finding.violation), *finding.aftermath);
}

// What the setup notes is what its user wants to pass: lazy-seed's own defects, for example.
TEST(Aftermath, HarmThatTheSetupNotesIsPassed) {
  const engine::Fault fault = *engine::find_fault("acquirep-no-flush");
  const Finding finding = *search_for("acquirep-no-flush").finding;
  laboratory::Setup setup = planted(fault, "lazy", *find_scenario(fit_of(fault).scenarios.front()));
  ASSERT_EQ(setup.checks.set("I2=note"), "");
  const Aftermath passed = what_follows(setup, finding.schedule, finding.violation);
  EXPECT_THAT(passed.text, ::testing::Not(HasSubstr("frees the live object")));
  EXPECT_THAT(passed.text, HasSubstr("I2"));
}

// --- programs that break a rule, and then their process ---------------------------------------------------

// Sends the oracle of a span that is cached at h-2: I1.
void break_a_rule() { engine::witness()->cached(0, 1000, 2, 4); }

// The aftermath of its first run, which I1 stops.
Aftermath after(void (*program)(engine::Engine&, ScenarioSize)) {
  Scenario scenario = *find_scenario("sweep");
  scenario.program = program;
  laboratory::Setup setup;
  setup.scenario = &scenario;
  Experiment experiment(setup);
  RandomWalk walk(1);
  const RunReport report = experiment.run(walk, Experiment::FairTail::kYes);
  EXPECT_EQ(report.violation.rule, "I1");
  return what_follows(setup, experiment.schedule(1, report), report.violation);
}

TEST(Aftermath, ARunThatDiesIsHarmedMemory) {
  const Aftermath died = after([](engine::Engine&, ScenarioSize) {
    break_a_rule();
    raise(SIGKILL);
  });
  EXPECT_EQ(describe(died), "memory: the run died (signal 9, Killed), after I1 was ignored");
  EXPECT_EQ(died.step, 0u);
}

TEST(Aftermath, ARunThatMakesNoFurtherStepHangs) {
  const Aftermath silent = after([](engine::Engine&, ScenarioSize) {
    break_a_rule();
    for (volatile bool forever = true; forever;) {
    }
  });
  EXPECT_EQ(describe(silent), "hang: the run makes no further step, after I1 was ignored");
}

// --- the choice -------------------------------------------------------------------------------------------

TEST(StaleWatch, SeesACachedSpanTurnStaleUnderLazyOnly) {
  for (const char* policy : {"lazy", "eager"}) {
    laboratory::Setup setup;
    setup.scenario = find_scenario("two-cycles");
    setup.policy = policy;
    Experiment experiment(setup);
    int stale = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      RandomWalk walk(seed);
      const RunReport report = experiment.run(walk, Experiment::FairTail::kYes);
      stale += had_stale_span(experiment, experiment.schedule(seed, report)) ? 1 : 0;
    }
    EXPECT_EQ(stale > 0, setup.policy == "lazy") << policy << ": " << stale;
  }
}

std::tuple<uint32_t, bool, size_t> order(const Finding& finding) {
  return {rank(finding.aftermath->harm), !finding.stale, finding.schedule.steps.size()};
}

class Choice : public ::testing::TestWithParam<const char*> {};

TEST_P(Choice, IsNoWorseThanTheFirstAndReproducible) {
  if (!kRunsHaveImages)
    GTEST_SKIP() << "shortening eight counterexamples takes a minute in a sanitizer build";
  const Finding first = *search_for(GetParam()).finding;
  const SearchResult chosen = search_for(GetParam(), kFurther), again = search_for(GetParam(), kFurther);
  EXPECT_EQ(first.chosen_of, 1u);
  EXPECT_GT(chosen.finding->chosen_of, 1u);
  EXPECT_LE(chosen.finding->chosen_of, 1 + kFurther);
  EXPECT_LE(order(*chosen.finding), order(first));
  EXPECT_LE(chosen.stats.schedules, first.found_after + schedules_further(first.found_after));
  EXPECT_EQ(chosen.finding->hash, again.finding->hash);
  EXPECT_EQ(chosen.finding->aftermath, again.finding->aftermath);
  // It fits the schedule that was kept.
  EXPECT_EQ(chosen.finding->schedule.violation, chosen.finding->violation.rule);
}
INSTANTIATE_TEST_SUITE_P(Faults, Choice,
                         ::testing::Values("needs-instead-of-sweeping", "acquirep-no-flush",
                                           "sweeper-takes-stale"),
                         [](const auto& p) {
                           std::string name = p.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace sweepscope::laboratory
