// Which rules are harm themselves: every rule that a run can violate has its line.
#include "engine/laboratory/search/harm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace sweepscope::laboratory {
namespace {

// By rule; a rule that is missing here fails the test, so that a new one is thought about.
const std::map<std::string, Harm> kExpected{
    // of the oracle
    {"I1", Harm::kNone},
    {"I2", Harm::kMemory},
    {"I3", Harm::kNone},
    {"I4", Harm::kNone},
    {"I5", Harm::kNone},
    {"I6", Harm::kNone},
    {"I7", Harm::kNone},
    {"I8", Harm::kNone},
    {"I9", Harm::kBooks},
    {"I10", Harm::kBooks},
    {"I11", Harm::kLeak},
    {"I12", Harm::kBooks},
    {"I13", Harm::kNone},
    {"I14", Harm::kNone},
    {"I15", Harm::kNone},
    {"accounting", Harm::kBooks},
    {"contents", Harm::kMemory},
    {"finalizers", Harm::kMemory},
    {"pacing", Harm::kLeak},
    {"credit", Harm::kBooks},
    {"budget", Harm::kNone},
    {"permits", Harm::kNone},
    {"crew", Harm::kNone},
    // checks of the engine
    {"refill of span with free space remaining", Harm::kNone},
    {"bad sweepgen in refill", Harm::kNone},
    {"span has no free space", Harm::kNone},
    {"out of memory", Harm::kLeak},
    {"bad flushGen", Harm::kNone},
    {"freeSpan given cached span", Harm::kNone},
    {"p mcache not flushed", Harm::kNone},
    {"uncaching span but s.allocCount == 0", Harm::kNone},
    {"bad span state", Harm::kNone},
    {"sweep increased allocation count", Harm::kNone},
    {"m is not locked", Harm::kNone},
    {"non in-use span in unswept list", Harm::kNone},
    {"non-empty swept list", Harm::kNone},
    {"gcSweep being done but phase is not GCoff", Harm::kNone},
    {"s.allocCount != s.nelems && freeIndex == s.nelems", Harm::kNone},
    {"freeIndex is not valid", Harm::kNone},
    {"s.allocCount > s.nelems", Harm::kNone},
    {"span has no free objects", Harm::kNone},
    {"invalid free", Harm::kNone},
    {"gc: unswept span", Harm::kNone},
    {"can't preserve unlinked span", Harm::kNone},
    {"undecodable sweepgen", Harm::kNone},
    {"sweep token dropped", Harm::kNone},
    {"lock rank violation", Harm::kNone},
    {"world not stopped", Harm::kNone},
    {"bad p status", Harm::kNone},
    {"span list corrupt", Harm::kNone},
    {"found bad pointer in Go heap", Harm::kMemory},
    {"P has cached GC work at end of mark termination", Harm::kNone},
    {"misuse of the API", Harm::kNone},
    {"heap verifier", Harm::kNone},
};

TEST(Harm, EveryRuleOfTheOracleAndEveryCheckHasItsHarm) {
  const std::vector<std::string> rules = rules_to_note();
  EXPECT_EQ(rules.size(), kExpected.size());
  for (const std::string& rule : rules) {
    const auto expected = kExpected.find(rule);
    ASSERT_NE(expected, kExpected.end()) << rule << ": what harm is it? None is an answer";
    const ViolationKind kind = is_oracle_rule(rule) ? ViolationKind::kOracle : ViolationKind::kCheck;
    EXPECT_EQ(name(harm_of(kind, rule)), name(expected->second)) << rule;
  }
}

TEST(Harm, DeadlockAndLivelockAreAHangWhateverRuleTheyAreNamedAfter) {
  for (const ViolationKind kind : {ViolationKind::kDeadlock, ViolationKind::kLivelock})
    for (const char* rule : {"deadlock", "livelock", "L1", "L2", "L3"})
      EXPECT_EQ(harm_of(kind, rule), Harm::kHang) << rule;
}

TEST(Harm, OnlyRulesOfTheOracleAreItsRules) {
  for (const char* rule : {"I1", "I15", "accounting", "crew"}) EXPECT_TRUE(is_oracle_rule(rule)) << rule;
  for (const char* rule : {"I16", "", "bad flushGen", "deadlock"}) EXPECT_FALSE(is_oracle_rule(rule)) << rule;
}

TEST(Harm, AFalseAlarmIsNoDamage) {
  EXPECT_FALSE(is_damage(Harm::kNone));
  EXPECT_FALSE(is_damage(Harm::kFalseAlarm));
  for (const Harm harm : {Harm::kMemory, Harm::kBooks, Harm::kLeak, Harm::kHang})
    EXPECT_TRUE(is_damage(harm));
}

}  // namespace
}  // namespace sweepscope::laboratory
