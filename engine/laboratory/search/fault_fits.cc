#include "engine/laboratory/search/fault_fits.h"

#include <algorithm>
#include <array>

namespace sweepscope::laboratory {
namespace {

using engine::Fault;
using Names = std::span<const std::string_view>;

// Policies. Under eager no mcache holds a span across the turn, so code for stale spans never runs.
constexpr std::array<std::string_view, 5> kEvery{"eager", "lazy-seed", "lazy", "idle-first", "ragged"};
constexpr std::array<std::string_view, 4> kStale{"lazy-seed", "lazy", "idle-first", "ragged"};
constexpr std::array<std::string_view, 3> kAtAcquire{"lazy-seed", "lazy", "idle-first"};
constexpr std::array<std::string_view, 3> kByForEachP{"lazy-seed", "lazy", "ragged"};
constexpr std::array<std::string_view, 4> kD1Repaired{"eager", "lazy", "idle-first", "ragged"};
// Flushes every mcache in the pause.
constexpr std::array<std::string_view, 1> kInPause{"eager"};
// Not lazy-seed, which keeps D2 to D4 and lists a stale span only after its sweep.
constexpr std::array<std::string_view, 3> kRepaired{"lazy", "idle-first", "ragged"};

// Scenarios.
constexpr std::array<std::string_view, 1> kSweep{"sweep"};
constexpr std::array<std::string_view, 2> kTwoCycles{"two-cycles", "sweep"};
constexpr std::array<std::string_view, 2> kBlocking{"blocking", "sweep"};
constexpr std::array<std::string_view, 1> kWaiter{"waiter"};
constexpr std::array<std::string_view, 2> kShrink{"shrink", "resize"};
constexpr std::array<std::string_view, 1> kGrow{"grow"};
constexpr std::array<std::string_view, 2> kOverlap{"overlap", "sweep"};
constexpr std::array<std::string_view, 2> kRefill{"refill", "sweep"};
constexpr std::array<std::string_view, 1> kReferences{"references"};
constexpr std::array<std::string_view, 1> kEnsureSwept{"ensure-swept"};
constexpr std::array<std::string_view, 1> kReclaim{"reclaim"};
// Allocated black: under every policy while marking, under ragged also from a STALE span.
constexpr std::array<std::string_view, 3> kBorn{"marking", "lost-object", "sweep"};
constexpr std::array<std::string_view, 3> kMarking{"marking", "lost-object", "two-markers"};
constexpr std::array<std::string_view, 1> kRoots{"roots"};
constexpr std::array<std::string_view, 1> kTiny{"tiny"};
constexpr std::array<std::string_view, 1> kStwSweep{"stw-sweep"};
constexpr std::array<std::string_view, 1> kScavenge{"scavenge"};
constexpr std::array<std::string_view, 1> kAssists{"assists"};
constexpr std::array<std::string_view, 1> kTwoMarkers{"two-markers"};
constexpr std::array<std::string_view, 1> kPacer{"pacer"};
constexpr std::array<std::string_view, 1> kTurns{"permits"};
constexpr std::array<std::string_view, 1> kFlush{"flush"};
constexpr std::array<std::string_view, 1> kClearing{"clearing"};
constexpr std::array<std::string_view, 2> kCrewWorks{"crew", "crew-marks"};
constexpr std::array<std::string_view, 5> kManyCycles{"two-cycles", "sweep", "blocking", "completion",
                                                      "resize"};

// Rules and settings, as lists.
template <size_t n>
using Rules = std::array<std::string_view, n>;
constexpr Rules<1> kI5{"I5"}, kI7{"I7"}, kI8{"I8"}, kI9{"I9"}, kI10{"I10"}, kI11{"I11"}, kI12{"I12"},
    kI13{"I13"}, kI2{"I2"};
constexpr Rules<2> kNeverSwept{"I3", "I7"};
constexpr Rules<3> kStaleAllocation{"I1", "I2", "bad sweepgen in refill"};
constexpr Rules<1> kNotFlushed{"p mcache not flushed"};
// The second owner fills a span that the end of the first one's sweep lists again: a third finds it full.
constexpr Rules<3> kTwoOwners{"I1", "I6", "span has no free objects"};
// A refill between the end of the sweep and its last store is detected late: the store replaces h+3 by h.
constexpr Rules<5> kSweptTooSoon{"I1", "I4", "I5", "bad sweepgen in refill", "span has no free objects"};
constexpr Rules<2> kTwoSweepers{"I3", "I4"};
constexpr Rules<2> kMissedCycle{"bad flushGen", "I2"};
constexpr Rules<1> kBadFlushGen{"bad flushGen"};
constexpr Rules<4> kListedTooLate{"I6", "I8", "invalid free", "span list corrupt"};
constexpr Rules<3> kStillSwept{"I7", "I8", "L1"};  // L1: idle-first waits for a flush that the turn overtook
constexpr Rules<1> kInPocket{"I8"};
constexpr Rules<1> kI1{"I1"};
constexpr Rules<3> kNoCas{"I3", "I4", "bad span state"};
constexpr Rules<2> kLost{"I10", "accounting"};
constexpr Rules<3> kNotReset{"I12", "span has no free objects", "span has no free space"};
constexpr Rules<3> kNoProgress{"L1", "L2", "deadlock"};
constexpr Rules<2> kFreedBlock{"I2", "found bad pointer in Go heap"};
constexpr Rules<1> kStaleReference{"found bad pointer in Go heap"};
constexpr Rules<1> kLeftoverWork{"P has cached GC work at end of mark termination"};
constexpr Rules<1> kUnsweptRoots{"gc: unswept span"};
constexpr Rules<1> kContents{"contents"};
constexpr Rules<1> kCreditKept{"credit"};
constexpr Rules<1> kOverBudget{"budget"};
constexpr Rules<1> kTooLarge{"pacing"};
constexpr Rules<1> kHeldForEver{"L1"};
constexpr Rules<3> kNoTurn{"L1", "L3", "deadlock"};
constexpr Rules<1> kTooMany{"permits"};
constexpr Rules<1> kCrewRule{"crew"};
constexpr Rules<1> kNotLocked{"m is not locked"};
constexpr Rules<1> kPoppedFree{"non in-use span in unswept list"};
constexpr Rules<4> kZeroed{"I15", "bad span state", "I3", "non in-use span in unswept list"};
constexpr Rules<2> kQueues{"I3", "non-empty swept list"};

constexpr Rules<1> kPassBadSpanState{"bad span state=note"};
constexpr Rules<3> kPassStaleAtStart{"I7=note", "I3=note", "gc: unswept span=note"};
constexpr Rules<1> kPassI1{"I1=note"};
constexpr Rules<1> kPassI7{"I7=note"};
constexpr Rules<1> kPassUndecodable{"undecodable sweepgen=note"};

// The search would find the policy's own defects (D1, D2, D3) before any fault.
constexpr std::string_view kDefective = "lazy-seed";
constexpr Rules<3> kPassDefects{"non in-use span in unswept list=note", "I11=note", "I13=note"};

constexpr std::string_view kRelacy = "ctest -L relacy";

constexpr std::array kFits{
    FaultFit{Fault::kRefillNoCachedMark, kStale, kI5, kSweep},
    FaultFit{Fault::kUncacheNoStaleTest, kStale, kNeverSwept, kSweep},
    FaultFit{Fault::kAcquirePNoFlush, kAtAcquire, kStaleAllocation, kSweep},
    FaultFit{Fault::kNoFlushBarrier, kByForEachP, kNotFlushed, kTwoCycles},
    FaultFit{Fault::kProcresizeSkipsCurrent, kAtAcquire, kStaleAllocation, kAssists},
    FaultFit{Fault::kHeapliveUndoneWhenStale, kStale, kI9, kTwoCycles},
    FaultFit{Fault::kNmallocAfterSweep, kStale, kI10, kTwoCycles},
    FaultFit{Fault::kListedWhileStale, kStale, kTwoOwners, kRefill},
    FaultFit{Fault::kSweptBeforeSweep, kRepaired, kSweptTooSoon, kRefill, kPassBadSpanState},
    FaultFit{Fault::kNeedsInsteadOfSweeping, kStale, kTwoSweepers, kSweep, kPassBadSpanState},
    FaultFit{Fault::kSweeperTakesStale, kStale, kI5, kSweep},
    FaultFit{Fault::kNoFlushBarrierNoCheck, kByForEachP, kMissedCycle, kTwoCycles, kPassStaleAtStart},
    FaultFit{Fault::kFlushgenBeforeFlush, kEvery, {}, kManyCycles},
    FaultFit{Fault::kFlushgenNeverStored, kEvery, kNotFlushed, kTwoCycles, kPassI1},
    FaultFit{Fault::kNewMcacheNoFlushgen, kEvery, kBadFlushGen, kGrow, kPassI7},
    FaultFit{Fault::kStwLeavesBlockedP, kStale, kStaleAllocation, kBlocking},
    FaultFit{Fault::kPreservingSweep, kRepaired, kI11, kTwoCycles},
    FaultFit{Fault::kCompletionIgnoresFlushers, kRepaired, kI13, kWaiter},
    FaultFit{Fault::kSweepgenBeforeListMove, kEvery, kListedTooLate, kRefill},
    FaultFit{Fault::kStwIgnoresSweeper, kEvery, kStillSwept, kOverlap},
    FaultFit{Fault::kCachespanTakesSweeping, kEvery, kI1, kRefill},
    FaultFit{Fault::kClaimWithoutCas, kEvery, kNoCas, kRefill},
    FaultFit{Fault::kHeapliveNeverUndone, kEvery, kI9, kShrink},
    FaultFit{Fault::kFlushOnlyInRefill, kAtAcquire, kI1, kSweep},
    FaultFit{Fault::kCachedIsPlusTwo, kStale, kNeverSwept, kTwoCycles, kPassUndecodable},
    FaultFit{Fault::kCachedStoreRelaxed, kEvery, {}, {}, {}, kRelacy},
    FaultFit{Fault::kSweptStoreRelaxed, kEvery, {}, {}, {}, kRelacy},
    FaultFit{Fault::kMcacheSetAfterFlush, kStale, kLost, kTwoCycles},
    FaultFit{Fault::kFreeindexNotReset, kEvery, kNotReset, kTwoCycles},
    FaultFit{Fault::kMarksNotReplaced, kEvery, kI2, kReferences},
    FaultFit{Fault::kNoAllocateBlack, kEvery, kI2, kBorn, kPassI1},
    FaultFit{Fault::kNoWriteBarrier, kEvery, kI2, kMarking},
    FaultFit{Fault::kGlobalEndNotShaded, kEvery, kFreedBlock, kRoots},
    FaultFit{Fault::kTakenNotShaded, kEvery, kFreedBlock, kRoots},
    FaultFit{Fault::kTinyNotGreyed, kEvery, kFreedBlock, kRoots},
    FaultFit{Fault::kNoRecheckInStop, kEvery, kLeftoverWork, kMarking},
    FaultFit{Fault::kSweptPushForgotten, kEvery, kI8, kTwoCycles},
    FaultFit{Fault::kQueuesNotSwapped, kEvery, kQueues, kTwoCycles, kPassI7},
    FaultFit{Fault::kEnsureRejectsCached, kEvery, kNoProgress, kEnsureSwept},
    FaultFit{Fault::kMarkrootRejectsCached, kEvery, kUnsweptRoots, kEnsureSwept},
    FaultFit{Fault::kEnsurePreemptible, kEvery, kNotLocked, kEnsureSwept},
    FaultFit{Fault::kSpanZeroedOnReuse, kEvery, kZeroed, kReclaim},
    FaultFit{Fault::kSweepOneRejectsCached, kD1Repaired, kPoppedFree, kReclaim},
    FaultFit{Fault::kBarrierWaitsBeforeIdle, kByForEachP, kNoProgress, kEnsureSwept},
    FaultFit{Fault::kTinyNotCleared, kEvery, kFreedBlock, kTiny},
    FaultFit{Fault::kBatchHeldOverStop, kEvery, kInPocket, kOverlap},
    FaultFit{Fault::kStwSweepNoFlush, kRepaired, kI7, kStwSweep},
    FaultFit{Fault::kScavengePageInUse, kEvery, kContents, kScavenge},
    FaultFit{Fault::kFlushWhitens, kEvery, kI2, kFlush},
    FaultFit{Fault::kStolenCreditKept, kEvery, kCreditKept, kAssists},
    FaultFit{Fault::kTwoFractional, kEvery, kOverBudget, kTwoMarkers},
    FaultFit{Fault::kNoHoldingBack, kEvery, kTooLarge, kPacer},
    FaultFit{Fault::kHeldUntilHeapFalls, kEvery, kHeldForEver, kPacer},
    FaultFit{Fault::kPermitKeptWhileBlocked, kEvery, kNoTurn, kTurns},
    FaultFit{Fault::kPermitGrantedTwice, kEvery, kTooMany, kTurns},
    FaultFit{Fault::kReadyPNotFlushed, kStale, kStaleAllocation, kTurns},
    FaultFit{Fault::kLargeNotHeld, kEvery, kI2, kClearing},
    FaultFit{Fault::kLargeLayoutBeforeClear, kEvery, kStaleReference, kClearing},
    FaultFit{Fault::kCrewFlushesTwice, kInPause, kCrewRule, kCrewWorks},
    FaultFit{Fault::kCrewNotAwaited, kInPause, kCrewRule, kCrewWorks},
};

constexpr size_t times_in_table(Fault fault) {
  return static_cast<size_t>(
      std::count_if(kFits.begin(), kFits.end(), [fault](const FaultFit& f) { return f.fault == fault; }));
}
static_assert(
    [] {
      for (size_t i = 0; i < static_cast<size_t>(Fault::kCount); ++i)
        if (times_in_table(static_cast<Fault>(i)) != 1) return false;
      return true;
    }(),
    "every fault has exactly one entry");

bool lists(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(Names names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : " ").append(name);
  return text;
}

}  // namespace

std::span<const FaultFit> fault_fits() { return kFits; }

const FaultFit& fit_of(Fault fault) {
  return *std::find_if(kFits.begin(), kFits.end(), [fault](const FaultFit& f) { return f.fault == fault; });
}

bool fits(Fault fault, std::string_view policy) { return lists(fit_of(fault).policies, policy); }
bool fits_scenario(Fault fault, std::string_view scenario) {
  return lists(fit_of(fault).scenarios, scenario);
}

std::string misfit_of(Fault fault, std::string_view policy, std::string_view scenario) {
  const FaultFit& fit = fit_of(fault);
  const std::string about = "fault '" + std::string(engine::name(fault)) + "'";
  if (!fit.outside.empty())
    return about + " cannot show under the sequential consistency of the laboratory; `" +
           std::string(fit.outside) + "` finds it (tests/litmus/relacy)";
  if (!fits(fault, policy))
    return about + " does not exist under policy '" + std::string(policy) +
           "', only under: " + joined(fit.policies);
  if (!scenario.empty() && !fits_scenario(fault, scenario))
    return about + " cannot show in scenario '" + std::string(scenario) +
           "', only in: " + joined(fit.scenarios);
  return {};
}

Setup planted(Fault fault, std::string_view policy, const Scenario& scenario) {
  Setup setup{.scenario = &scenario,
              .policy = std::string(policy),
              .fault = fault,
              .size = scenario.defaults,
              .checks = {}};
  for (const std::string_view setting : fit_of(fault).passed) setup.checks.set(setting);
  if (policy == kDefective)
    for (const std::string_view setting : kPassDefects) setup.checks.set(setting);
  return setup;
}

}  // namespace sweepscope::laboratory
