// The text of the banner for a recording of the laboratory.
#include "gui/models/laboratory_note.h"

#include <gtest/gtest.h>

#include "gui/models/invariants.h"
#include "tests/gui/support/fired_check.h"

namespace sweepscope::gui {
namespace {

using sweepscope::testing::firedCheck;

telemetry::SessionInfo recorded() {
  telemetry::SessionInfo info;
  info.engine_build = "laboratory";
  info.command_line = "sweepctl step (fault acquirep-no-flush)";
  info.policy = "lazy";
  info.workload = "sweep";
  info.procs = 2;
  info.seed = 9;
  info.check_names = {{testing::kCheckCode, "bad flushGen"}};
  return info;
}

bool contains(const LaboratoryNote& note, const char* words) {
  return note.detail.contains(QLatin1String(words));
}

TEST(LaboratoryNote, DescribesTheFaultAndNamesItInParentheses) {
  telemetry::SessionInfo info = recorded();
  info.fault = "acquirep-no-flush";
  info.fault_text = "acquire_p does not flush a stale mcache";
  EXPECT_EQ(noteOf(info, {}).title,
            "One rule left out: acquire_p does not flush a stale mcache (acquirep-no-flush)");
}

TEST(LaboratoryNote, WithoutAFaultFieldTakesTheFaultFromTheCommandLine) {
  EXPECT_EQ(noteOf(recorded(), {}).title, "One rule left out: acquirep-no-flush");
  telemetry::SessionInfo info = recorded();
  info.command_line = "sweepctl step";
  EXPECT_EQ(noteOf(info, {}).title, "The real engine, driven step by step");
}

TEST(LaboratoryNote, NamesPolicyScenarioAndRandomSeed) {
  const LaboratoryNote note = noteOf(recorded(), {});
  EXPECT_TRUE(contains(note, "policy lazy, scenario sweep, 2 Ps, random seed 9")) << qPrintable(note.detail);
}

TEST(LaboratoryNote, NamesTheOracleThatFiresItsRuleAndTheViolation) {
  telemetry::SessionInfo info = recorded();
  EXPECT_TRUE(contains(noteOf(info, firedCheck(1)), "Oracle I1 fired, span 3 (a P allocates only from"));
  info.broken_rule = "I1";
  info.broken_text = "mutator 2 allocates from span 3 at h+1, flush_gen h-2";
  const LaboratoryNote note = noteOf(info, firedCheck(1));
  EXPECT_TRUE(contains(note, "oracle I1 fires (a P allocates only from")) << qPrintable(note.detail);
  EXPECT_TRUE(contains(note, ": mutator 2 allocates from span 3 at sg+1, flush_gen sg-2."))
      << qPrintable(note.detail);
}

TEST(LaboratoryNote, NamesTheEngineCheckThatFires) {
  telemetry::SessionInfo info = recorded();
  info.broken_rule = "bad flushGen";
  EXPECT_TRUE(contains(noteOf(info, firedCheck(0)), "engine check &quot;bad flushGen&quot; fires"));
}

TEST(LaboratoryNote, TheHeapVerifierIsNoOracle) {
  telemetry::SessionInfo info = recorded();
  info.broken_rule = "I7";
  const LaboratoryNote note = noteOf(info, testing::verifierFired(7));
  EXPECT_TRUE(contains(note, "the engine's heap verifier finds rule I7 broken (when a cycle begins"))
      << qPrintable(note.detail);
}

TEST(LaboratoryNote, ADeadlockedRunNamesTheLivenessRule) {
  telemetry::SessionInfo info = recorded();
  info.broken_rule = "L2";
  info.broken_text = "no fiber can run: finder waits";
  const LaboratoryNote note = noteOf(info, {});
  EXPECT_TRUE(contains(note, "rule L2 breaks (every thread that waits for a span"))
      << qPrintable(note.detail);
  EXPECT_TRUE(contains(note, "no fiber can run: finder waits")) << qPrintable(note.detail);
}

TEST(LaboratoryNote, TextFromTheFileIsEscaped) {
  telemetry::SessionInfo info = recorded();
  info.policy = info.broken_rule = info.broken_text = "<img src='x'>";
  EXPECT_FALSE(contains(noteOf(info, {}), "<img")) << qPrintable(noteOf(info, {}).detail);
}

TEST(Invariants, EveryRuleOfTheOracleHasADescription) {
  for (uint32_t oracle = 1; oracle <= 16; ++oracle)
    EXPECT_FALSE(invariantWords(oracleRuleName(oracle)).isEmpty()) << oracle;
  EXPECT_EQ(oracleRuleName(16), "accounting");
  EXPECT_TRUE(invariantWords(QStringLiteral("bad flushGen")).isEmpty());
}

}  // namespace
}  // namespace sweepscope::gui
