// Checks that stop a run, are noted, or are off.
#include "engine/laboratory/seam/check_modes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/laboratory/search/fault_fits.h"
#include "engine/laboratory/search/random_walk.h"
#include "engine/laboratory/search/replay.h"

namespace sweepscope::laboratory {
namespace {

using engine::FatalCode;
using testing::HasSubstr;

TEST(CheckModes, EveryRuleStopsByDefault) {
  const CheckModes modes;
  for (size_t code = 0; code < static_cast<size_t>(FatalCode::kCount); ++code)
    EXPECT_EQ(modes.of(static_cast<FatalCode>(code)), CheckMode::kStop);
  for (uint32_t rule = 0; rule < kOracleRules; ++rule) EXPECT_EQ(modes.of_oracle(rule), CheckMode::kStop);
}

TEST(CheckModes, LaterSettingsWin) {
  CheckModes modes;
  EXPECT_EQ(modes.set("engine=off"), "");
  EXPECT_EQ(modes.set("bad flushGen=note"), "");
  EXPECT_EQ(modes.set("oracle=note"), "");
  EXPECT_EQ(modes.set("I2=stop"), "");
  EXPECT_EQ(modes.of(FatalCode::kBadFlushGen), CheckMode::kNote);
  EXPECT_EQ(modes.of(FatalCode::kInvalidFree), CheckMode::kOff);
  EXPECT_EQ(modes.of_oracle(2), CheckMode::kStop);
  EXPECT_EQ(modes.of_oracle(kAccounting), CheckMode::kNote);
  EXPECT_EQ(modes.settings().size(), 4u);
}

TEST(CheckModes, WordsWithAnEqualsSignAreAccepted) {
  CheckModes modes;
  EXPECT_EQ(modes.set("uncaching span but s.allocCount == 0=note"), "");
  EXPECT_EQ(modes.of(FatalCode::kUncachingEmptySpan), CheckMode::kNote);
}

TEST(CheckModes, WrongSettingsAreRefusedWithTheReason) {
  CheckModes modes;
  EXPECT_THAT(modes.set("I3"), HasSubstr("RULE=MODE"));
  EXPECT_THAT(modes.set("I3=maybe"), HasSubstr("stop, note or off, not 'maybe'"));
  EXPECT_THAT(modes.set("I16=note"), HasSubstr("unknown rule 'I16'"));
  EXPECT_THAT(modes.set("L1=note"), HasSubstr("unknown rule 'L1'"));  // a run cannot continue after it
  EXPECT_TRUE(modes.settings().empty());
}

RunReport run(const CheckModes& modes, const std::function<void(engine::Context&)>& story,
              observe::Observer* observer = nullptr) {
  Scheduler scheduler;
  RandomWalk strategy(1);
  RunSettings settings;
  settings.checks = &modes;
  settings.observer = observer;
  return scheduler.run(
      "main",
      [&] {
        struct Ends final : engine::Fatal {
          void fail(engine::Context& context, FatalCode code,
                    std::span<const engine::Operand> operands) override {
            engine::end_run(context, code, operands);
          }
        } fatal;
        engine::Context context;
        context.fatal = &fatal;
        story(context);
      },
      strategy, settings);
}

CheckModes modes_of(std::initializer_list<const char*> settings) {
  CheckModes modes;
  for (const char* setting : settings) EXPECT_EQ(modes.set(setting), "");
  return modes;
}

void fail_twice(engine::Context& context) {
  for (uint64_t span : {7u, 8u})
    engine::check(context, false, FatalCode::kBadFlushGen, engine::Operand{"span", span});
}

TEST(CheckModes, NotedCheckIsCountedAndTheRunContinues) {
  const RunReport report = run(modes_of({"bad flushGen=note"}), fail_twice);
  EXPECT_EQ(report.outcome, Outcome::kFinished);
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_EQ(report.notes[0].rule, "bad flushGen");
  EXPECT_EQ(report.notes[0].times, 2u);
  EXPECT_THAT(report.notes[0].sentence, HasSubstr("span = 7"));
}

TEST(CheckModes, CheckThatIsOffIsNotNoted) {
  const RunReport report = run(modes_of({"engine=off"}), fail_twice);
  EXPECT_EQ(report.outcome, Outcome::kFinished);
  EXPECT_TRUE(report.notes.empty());
}

TEST(CheckModes, OtherChecksStillStop) {
  const RunReport report = run(modes_of({"invalid free=note", "oracle=off"}), fail_twice);
  EXPECT_EQ(report.outcome, Outcome::kViolation);
  EXPECT_EQ(report.violation.rule, "bad flushGen");
}

TEST(CheckModes, InsistIsFatalInEveryMode) {
  const auto story = [](engine::Context& context) { engine::insist(context, false, FatalCode::kBadPointer); };
  EXPECT_EQ(run(modes_of({"engine=off"}), story).violation.rule, "found bad pointer in Go heap");
}

TEST(CheckModes, FindingOfTheHeapVerifierCountsAsTheInvariantItNames) {
  const auto story = [](engine::Context& context) {
    engine::check(context, false, FatalCode::kVerifyFailed, engine::Operand{"invariant_I", 8});
  };
  EXPECT_EQ(run({}, story).violation.rule, "I8");
  EXPECT_EQ(run({}, story).violation.kind, ViolationKind::kOracle);
  EXPECT_EQ(run(modes_of({"I8=note"}), story).notes.at(0).rule, "I8");
  EXPECT_EQ(run(modes_of({"engine=off"}), story).violation.rule, "I8");
}

class Checks final : public observe::Observer {  // counts the check-fired events
 public:
  std::span<observe::Record> take_chunk(uint32_t stream) override { return {&slots_[stream % 64], 1}; }
  void hand_over(uint32_t, std::span<observe::Record> chunk, size_t used, uint64_t) override {
    for (size_t i = 0; i < used; ++i)
      if (chunk[i].header.kind == observe::EventKind::kCheckFired) fired.push_back(chunk[i]);
  }
  void drain_for_crash() noexcept override {}
  std::vector<observe::Record> fired;

 private:
  observe::Record slots_[64] = {};
};

TEST(CheckModes, NotesAreEventsOfTheRecording) {
  Checks checks;
  run(modes_of({"bad flushGen=note"}), fail_twice, &checks);
  ASSERT_EQ(checks.fired.size(), 2u);
  EXPECT_EQ(checks.fired[0].header.code, static_cast<uint8_t>(FatalCode::kBadFlushGen));
  EXPECT_EQ(checks.fired[1].header.subject, 8u);
  Checks none;
  run(modes_of({"bad flushGen=off"}), fail_twice, &none);
  EXPECT_TRUE(none.fired.empty());
}

// On the real engine: with the checks noted the run continues after the fault to its end, and the schedule
// contains the modes, so that a replay continues too.
TEST(CheckModes, ReplayUsesTheModesOfTheSchedule) {
  laboratory::Setup setup =
      planted(engine::Fault::kFlushgenNeverStored, "lazy", *find_scenario("two-cycles"));
  setup.checks = modes_of({"engine=note", "oracle=note"});
  Experiment experiment(setup);
  RandomWalk walk(1);
  const RunReport report = experiment.run(walk, Experiment::FairTail::kYes);
  ASSERT_EQ(report.outcome, Outcome::kFinished) << report.violation.sentence;
  ASSERT_FALSE(report.notes.empty());
  const Schedule schedule = experiment.schedule(1, report);
  const ParsedSchedule parsed = parse_schedule(format_schedule(schedule));
  ASSERT_TRUE(parsed.schedule) << parsed.error;
  EXPECT_EQ(*parsed.schedule, schedule);
  const SetupOf again = setup_of(*parsed.schedule);
  ASSERT_EQ(again.error, "");
  Experiment other(again.setup);
  Replay replay(*parsed.schedule);
  const RunReport replayed = other.run(replay, Experiment::FairTail::kNo);
  EXPECT_EQ(replayed.outcome, Outcome::kFinished) << replayed.misfit;
  EXPECT_EQ(replayed.hash, report.hash);
  ASSERT_EQ(replayed.notes.size(), report.notes.size());
  for (size_t i = 0; i < report.notes.size(); ++i) {
    EXPECT_EQ(replayed.notes[i].rule, report.notes[i].rule);
    EXPECT_EQ(replayed.notes[i].times, report.notes[i].times);
  }
}

}  // namespace
}  // namespace sweepscope::laboratory
