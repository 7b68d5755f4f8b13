// The search of all states: its reduction loses none, its hash distinguishes different states, and it finds
// violations. Not built under sanitizers, where runs have no image.
#include "engine/laboratory/search/state_search.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "engine/base/state.h"
#include "engine/gc/runtime_state.h"
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
Setup lost_object(const char* policy, uint32_t procs) {
  return with(find_scenario("lost-object"), policy, procs);
}
Setup crew_marks(const char* policy) { return with(find_scenario("crew-marks"), policy); }

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
void compare_with_plain_search(const Setup& setup, std::optional<uint32_t> preemptions = std::nullopt) {
  // One after the other, so that both have the same image and the same addresses.
  StateSet reduced;
  {
    Experiment experiment(setup);
    StateSearch search(experiment, preemptions);
    ASSERT_EQ(search.search(kAll), StateSearch::Progress::kComplete);
    reduced = search.seen();
  }
  Experiment experiment(setup);
  StateSearch plain(experiment, preemptions, Experiment::Merge::kNo);
  plain.note_decisions();
  ASSERT_EQ(plain.search(kAll), StateSearch::Progress::kComplete);

  uint64_t missed = 0, invented = 0;
  plain.at_decisions().for_each([&](uint64_t state) { missed += reduced.contains(state) ? 0 : 1; });
  reduced.for_each([&](uint64_t state) { invented += plain.seen().contains(state) ? 0 : 1; });
  EXPECT_EQ(missed, 0u);
  // With a bound the two may spend a preemption before different steps.
  if (!preemptions) {
    EXPECT_EQ(invented, 0u);
  }
  EXPECT_GT(plain.states(), reduced.size());
  std::printf("%s %s: %llu states reduced, %llu plain\n", setup.scenario->name.data(), setup.policy.c_str(),
              static_cast<unsigned long long>(reduced.size()),
              static_cast<unsigned long long>(plain.states()));
}

TEST_P(StateSearchOf, ReducedSearchVisitsTheStatesOfPlainSearch) {
  compare_with_plain_search(with(&kDuringACycle, GetParam()));
}
TEST_P(StateSearchOf, ReducedSearchOfMarkingVisitsTheStatesOfPlainSearch) {
  compare_with_plain_search(lost_object(GetParam(), 1), 0);
}

TEST_P(StateSearchOf, ReducedSearchOfTheCrewVisitsTheStatesOfPlainSearch) {
  compare_with_plain_search(crew_marks(GetParam()), 0);
}

// Of one state in 2^bits of the first so many decisions of a search; fewer comparisons than `least` would prove little.
void compare_futures(const Setup& setup, std::optional<uint32_t> preemptions, uint64_t decisions,
                     uint32_t bits, uint64_t least) {
  Experiment experiment(setup);
  StateSearch search(experiment, preemptions);
  search.audit(bits);
  search.search(decisions);
  EXPECT_EQ(search.differences(), 0u);
  EXPECT_GT(search.audited(), least);
}

TEST_P(StateSearchOf, EqualStatesHaveEqualFutures) {
  compare_futures(pair_of(GetParam()), std::nullopt, 300'000, 5, 1000);
}
// All of them. Dense enough to find a value that a thread holds for a few steps only: under one policy at least.
TEST_P(StateSearchOf, EqualStatesOfMarkingHaveEqualFutures) {
  const uint32_t bits = std::string_view(GetParam()) == "idle-first" ? 2 : 3;
  compare_futures(lost_object(GetParam(), 2), 2, kAll, bits, 20'000);
}

TEST_P(StateSearchOf, EqualStatesOfTheCrewHaveEqualFutures) {
  compare_futures(crew_marks(GetParam()), 1, kAll, 5, 100);
}

TEST_P(StateSearchOf, OnePIsCompleteWithoutViolation) {
  Experiment experiment(pair_of(GetParam(), 1));
  StateSearch search(experiment, std::nullopt);
  EXPECT_EQ(search.search(kAll), StateSearch::Progress::kComplete);
  EXPECT_GT(search.ends(), 100u);
}

TEST_P(StateSearchOf, MarkingIsCompleteWithoutViolation) {
  for (const uint32_t procs : {1, 2}) {
    Experiment experiment(lost_object(GetParam(), procs));
    StateSearch search(experiment, 1);
    EXPECT_EQ(search.search(kAll), StateSearch::Progress::kComplete);
    EXPECT_GT(search.ends(), 100u);
  }
}

// Helper and coordinator share marking and, under eager, flushes.
TEST_P(StateSearchOf, CrewIsCompleteWithoutViolation) {
  Experiment experiment(crew_marks(GetParam()));
  StateSearch search(experiment, 1);
  EXPECT_EQ(search.search(kAll), StateSearch::Progress::kComplete);
  EXPECT_GT(search.ends(), 100u);
}
class CrewFault : public testing::TestWithParam<engine::Fault> {};
INSTANTIATE_TEST_SUITE_P(Faults, CrewFault,
                         testing::Values(engine::Fault::kCrewFlushesTwice, engine::Fault::kCrewNotAwaited));
TEST_P(CrewFault, IsFoundByTheSearchOfAllStates) {
  auto setup = crew_marks("eager");
  setup.fault = GetParam();
  Experiment experiment(setup);
  StateSearch search(experiment, 1);
  ASSERT_EQ(search.search(kAll), StateSearch::Progress::kViolation);
  EXPECT_EQ(search.violation().violation.rule, "crew");
}

// What the parts of an engine declare: the words, and no values.
class DeclaredWords {
 public:
  void add(uint64_t) {}
  template <class T>
  void add(const engine::Shared<T>& word) {
    words_.insert(&word);
  }
  template <class T>
  void leave_out(const engine::Shared<T>& word, const char* why) {
    EXPECT_STRNE(why, "");
    words_.insert(&word);
  }
  bool has(const void* word) const { return words_.count(word) != 0; }

 private:
  std::unordered_set<const void*> words_;
};

// A word that no part declares would be missing in every state: two states that differ in it would be one.
class StateOf : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Scenarios, StateOf,
                         testing::Values("pair", "lost-object", "two-markers", "crew-marks"));
TEST_P(StateOf, EveryBoundWordIsDeclared) {
  Experiment experiment(with(find_scenario(GetParam()), "lazy", 3));
  Scheduler& scheduler = experiment.start();
  const size_t at_first = scheduler.bound_words().size();
  EXPECT_GT(at_first, 20u);
  for (uint32_t i = 0; i < 60 && scheduler.alternatives() > 0; ++i) {
    scheduler.pick(i % scheduler.alternatives());
    DeclaredWords declared;
    experiment.runtime().add_state(declared);
    for (const void* word : scheduler.bound_words())
      ASSERT_TRUE(declared.has(word)) << "word " << word << " after " << i << " decisions";
  }
  EXPECT_GT(scheduler.bound_words().size(), at_first);  // of spans, and of work buffers
}

// heap_live and pages_swept are read, and their steps are decisions, where a trigger or sweep credit exists.
bool decides_before(engine::Word word, uint32_t gogc) {
  Scenario scenario = kDuringACycle;
  scenario.gogc = gogc;
  Experiment experiment(with(&scenario, "lazy"));
  bool decided = false;
  Scheduler& scheduler = experiment.start();
  for (uint32_t i = 0; scheduler.alternatives() > 0; ++i) {
    scheduler.for_each_fiber([&](uint32_t, bool finished, const engine::Access& next, uint64_t) {
      decided = decided || (!finished && next.word == word);
    });
    scheduler.pick(i % scheduler.alternatives());
  }
  return decided;
}
TEST(StateSearch, CountersThatAreReadWithGogcOnAreDecisions) {
  for (const engine::Word word : {engine::Word::kHeapLive, engine::Word::kPagesSwept}) {
    EXPECT_TRUE(decides_before(word, 100)) << name(word);
    EXPECT_FALSE(decides_before(word, engine::kGcOff)) << name(word);
  }
}

// The complete search finds what each half of the barrier, the colour of new objects and the re-check prevent.
struct MarkFault {
  engine::Fault fault;
  uint32_t procs;
  const char* rule;
};
class LostObject : public testing::TestWithParam<MarkFault> {};
INSTANTIATE_TEST_SUITE_P(Faults, LostObject,
                         testing::Values(MarkFault{engine::Fault::kNoWriteBarrier, 1, "I2"},
                                         MarkFault{engine::Fault::kNoAllocateBlack, 1, "I2"},
                                         MarkFault{engine::Fault::kNoRecheckInStop, 2,
                                                   "P has cached GC work at end of mark termination"}));
TEST_P(LostObject, IsFoundByTheSearchOfAllStates) {
  auto setup = lost_object("lazy", GetParam().procs);
  setup.fault = GetParam().fault;
  Experiment experiment(setup);
  StateSearch search(experiment, 2);
  ASSERT_EQ(search.search(kAll), StateSearch::Progress::kViolation);
  EXPECT_EQ(search.violation().violation.rule, GetParam().rule);
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
