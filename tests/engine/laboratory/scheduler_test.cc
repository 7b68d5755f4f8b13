#include "engine/laboratory/seam/scheduler.h"

#include <gtest/gtest.h>

#include <cstring>

#include "engine/base/random.h"
#include "engine/laboratory/search/random_walk.h"
#include "engine/laboratory/search/replay.h"
#include "tests/engine/laboratory/toys.h"

namespace sweepscope::laboratory {
namespace {

using toys::Protection;

// Keeps every record, in the order of emission.
class Tape final : public observe::Observer {
 public:
  std::span<observe::Record> take_chunk(uint32_t) override { return {&slot_, 1}; }
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t) override {
    EXPECT_EQ(stream, kStepStream);
    records.insert(records.end(), chunk.begin(), chunk.begin() + static_cast<ptrdiff_t>(used));
  }
  void drain_for_crash() noexcept override {}
  std::vector<observe::Record> records;

 private:
  observe::Record slot_{};
};

Schedule schedule_of(const Scheduler& scheduler) {
  Schedule s;
  for (const TracedStep& step : scheduler.trace())
    s.steps.push_back({step.fiber, step.step.name,
                       step.choice == kNotAChoice ? std::nullopt : std::optional<uint32_t>(step.choice)});
  return s;
}

RunReport walk(Scheduler& scheduler, uint64_t seed, const std::function<void()>& main,
               RunSettings settings = {}) {
  RandomWalk strategy(seed);
  return scheduler.run("main", main, strategy, settings);
}

TEST(Scheduler, EqualSeedsGiveEqualRuns) {
  Scheduler one, two;
  size_t different = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const RunReport a = walk(one, seed, [] { toys::counter(Protection::kLock); });
    const RunReport b = walk(two, seed, [] { toys::counter(Protection::kLock); });
    ASSERT_EQ(a.hash, b.hash) << "seed " << seed;
    ASSERT_EQ(a.steps, b.steps);
    different += a.hash != walk(one, seed + 1000, [] { toys::counter(Protection::kLock); }).hash;
  }
  EXPECT_GT(different, 150u);
}

TEST(Scheduler, EveryStepIsReportedWithItsNumberAndValues) {
  Scheduler scheduler;
  Tape tape;
  const RunReport report = walk(scheduler, 1,
                                [] {
                                  engine::Shared<uint32_t> word(5);
                                  word.bind(engine::Word::kSweepgen, 9);
                                  word.fetch_add(2, std::memory_order_relaxed, "add two");
                                },
                                {.observer = &tape});
  EXPECT_EQ(report.outcome, Outcome::kFinished);
  ASSERT_EQ(report.steps, 2u);  // start, add two
  ASSERT_EQ(tape.records.size(), 2u);
  const auto step = observe::restore<observe::StepTaken>(tape.records[1]);
  EXPECT_EQ(step.header.stamp, 2u);
  EXPECT_EQ(step.header.code, static_cast<uint8_t>(engine::Op::kRmw));
  EXPECT_EQ(step.header.subject, engine::Step("add two").id);
  EXPECT_EQ(step.header.p, 0);
  EXPECT_EQ(step.word, static_cast<uint8_t>(engine::Word::kSweepgen));
  EXPECT_EQ(step.object, 9u);
  EXPECT_EQ(step.before, 5u);
  EXPECT_EQ(step.after, 7u);
}

TEST(Scheduler, ReplayGivesAByteEqualEventStream) {
  Scheduler scheduler;
  auto program = [] {
    engine::Random random(1);
    for (uint32_t i = random.choose("how many", 3); i < 3; ++i) toys::counter(Protection::kLock);
  };
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Tape first, second;
    const RunReport found = walk(scheduler, seed, program, {.observer = &first});
    const Schedule schedule = schedule_of(scheduler);
    Replay replay(schedule);
    const RunReport again = scheduler.run("main", program, replay, {.observer = &second});
    ASSERT_EQ(again.outcome, found.outcome) << again.misfit;
    ASSERT_EQ(again.hash, found.hash);
    ASSERT_EQ(first.records.size(), second.records.size());
    ASSERT_EQ(std::memcmp(first.records.data(), second.records.data(),
                          first.records.size() * sizeof(observe::Record)),
              0);
  }
}

TEST(Scheduler, ReplayOfAnotherProgramReportsWhereItDoesNotFit) {
  Scheduler scheduler;
  walk(scheduler, 3, [] { toys::counter(Protection::kLock); });
  const Schedule schedule = schedule_of(scheduler);
  Replay replay(schedule);
  const RunReport report = scheduler.run("main", [] { toys::counter(Protection::kNone); }, replay, {});
  EXPECT_EQ(report.outcome, Outcome::kMisfit);
  EXPECT_NE(report.misfit.find("does not fit at step"), std::string::npos) << report.misfit;
  EXPECT_NE(report.misfit.find("lock the counter'; enabled:"), std::string::npos) << report.misfit;
}

TEST(Scheduler, ScheduleThatEndsEarlyDoesNotFit) {
  Scheduler scheduler;
  walk(scheduler, 3, [] { toys::counter(Protection::kLock); });
  Schedule schedule = schedule_of(scheduler);
  schedule.steps.resize(5);
  Replay replay(schedule);
  const RunReport report = scheduler.run("main", [] { toys::counter(Protection::kLock); }, replay, {});
  EXPECT_EQ(report.outcome, Outcome::kMisfit);
  EXPECT_NE(report.misfit.find("at step 6: expected the end"), std::string::npos) << report.misfit;
}

TEST(Scheduler, ChoiceOutOfRangeDoesNotFit) {
  Scheduler scheduler;
  auto program = [](uint32_t n) { return [n] { engine::driver()->choose("pick one", n); }; };
  Schedule schedule;
  schedule.steps = {{0, "start", {}}, {0, "pick one", 7}};
  Replay fits(schedule), does_not(schedule);
  EXPECT_EQ(scheduler.run("main", program(8), fits, {}).outcome, Outcome::kFinished);
  const RunReport report = scheduler.run("main", program(7), does_not, {});
  EXPECT_EQ(report.outcome, Outcome::kMisfit);
  EXPECT_NE(report.misfit.find("chooses 'pick one' below 7"), std::string::npos) << report.misfit;
}

TEST(Scheduler, AbandonedRunsDoNotAffectLaterOnes) {
  Scheduler scheduler;
  const uint64_t expected = walk(scheduler, 7, [] { toys::counter(Protection::kLock); }).hash;
  for (uint64_t seed = 0; seed < 500; ++seed) walk(scheduler, seed, [] { toys::counter(Protection::kNone); });
  EXPECT_EQ(walk(scheduler, 7, [] { toys::counter(Protection::kLock); }).hash, expected);
  EXPECT_EQ(engine::driver(), nullptr);
}

TEST(Scheduler, AStepAllocatesNothing) {
  Scheduler scheduler;
  walk(scheduler, 1, [] { toys::counter(Protection::kLock, 4, 100); });
  const TracedStep* before = scheduler.trace().data();
  walk(scheduler, 2, [] { toys::counter(Protection::kLock, 4, 100); });
  EXPECT_EQ(scheduler.trace().data(), before);
}

}  // namespace
}  // namespace sweepscope::laboratory
