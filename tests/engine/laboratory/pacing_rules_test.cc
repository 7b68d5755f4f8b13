// The oracle's rules above the protocol, each violated once, by reported facts alone.
#include <gtest/gtest.h>

#include "engine/laboratory/oracle/oracle.h"
#include "engine/laboratory/search/random_walk.h"

namespace sweepscope::laboratory {
namespace {

using engine::Paced;
using engine::WorkerKind;

constexpr uint64_t kOff = ~uint64_t{0};

std::string rule_broken(const std::function<void(Oracle&)>& story) {
  Scheduler scheduler;
  Oracle oracle(scheduler);
  RandomWalk strategy(1);
  const RunReport report = scheduler.run("teller", [&] { story(oracle); }, strategy, {});
  return report.violation.rule;
}

TEST(PacingRule, CycleBeginsAtItsTriggerOrAbove) {
  const auto starts_at = [](uint64_t live) {
    return rule_broken(
        [live](Oracle& o) { o.paced(1000, 2000, Paced::kAtMarkTermination), o.cycle_triggered(live); });
  };
  EXPECT_EQ(starts_at(1000), "");
  EXPECT_EQ(starts_at(999), "pacing");
}

// The thread may have seen either trigger; but only one since the last mark termination.
TEST(PacingRule, GogcMayChangeBetweenTheCheckAndTheCycle) {
  EXPECT_EQ(rule_broken([](Oracle& o) {
              o.paced(1000, 2000, Paced::kAtMarkTermination), o.paced(5000, 6000, Paced::kByGogc),
                  o.cycle_triggered(1000);
            }),
            "");
  EXPECT_EQ(rule_broken([](Oracle& o) {
              o.paced(1000, 2000, Paced::kAtMarkTermination), o.paced(5000, 6000, Paced::kAtMarkTermination),
                  o.cycle_triggered(1000);
            }),
            "pacing");
}

TEST(PacingRule, HeapExceedsItsBoundByASpanAThreadAndASpanAMcache) {
  const auto grows_to = [](uint64_t live) {
    return rule_broken([live](Oracle& o) {
      o.paced(10'000, 20'000, Paced::kAtMarkTermination), o.paced(10'000, 30'000, Paced::kForMarking),
          o.heap_charged(live);
    });
  };
  EXPECT_EQ(grows_to(30'000 + 2 * 8192 - 1), "");
  EXPECT_EQ(grows_to(30'000 + 2 * 8192), "pacing");
  EXPECT_EQ(
      rule_broken([](Oracle& o) { o.paced(kOff, kOff, Paced::kAtMarkTermination), o.heap_charged(1 << 30); }),
      "")
      << "GOGC is off";
}

TEST(CreditRule, WhatIsLeftIsWhatWorkersScannedLessWhatAssistsStole) {
  EXPECT_EQ(rule_broken([](Oracle& o) { o.marking_paid(100, 30, 70); }), "");
  EXPECT_EQ(rule_broken([](Oracle& o) { o.marking_paid(100, 130, -30); }), "") << "two stole at once";
  EXPECT_EQ(rule_broken([](Oracle& o) { o.marking_paid(100, 30, 100); }), "credit");
  EXPECT_EQ(rule_broken([](Oracle& o) { o.marking_paid(100, 30, 40); }), "credit");
}

TEST(BudgetRule, WorkersBeyondThePlanDoNotMark) {
  EXPECT_EQ(rule_broken([](Oracle& o) {
              o.budget_planned(1, 1), o.worker_begun(WorkerKind::kDedicated),
                  o.worker_begun(WorkerKind::kFractional), o.worker_begun(WorkerKind::kIdle),
                  o.worker_begun(WorkerKind::kIdle), o.worker_ended(WorkerKind::kFractional),
                  o.worker_begun(WorkerKind::kFractional);
            }),
            "");
  for (const WorkerKind kind : {WorkerKind::kDedicated, WorkerKind::kFractional})
    EXPECT_EQ(rule_broken(
                  [kind](Oracle& o) { o.budget_planned(1, 1), o.worker_begun(kind), o.worker_begun(kind); }),
              "budget");
}

TEST(PermitsRule, NoMoreAreHeldThanThereAre) {
  EXPECT_EQ(
      rule_broken([](Oracle& o) { o.permits_made(1), o.permit_taken(), o.permit_given(), o.permit_taken(); }),
      "");
  EXPECT_EQ(rule_broken([](Oracle& o) { o.permits_made(1), o.permit_taken(), o.permit_taken(); }), "permits");
}

// One helper, and a stop in which the mcaches of two Ps are flushed; then the world starts.
std::string crew_rule(const std::function<void(Oracle&)>& stop) {
  return rule_broken([&stop](Oracle& o) {
    o.crew_made(1), o.world_stopped(), o.flushes_due(2);
    stop(o);
    o.world_starting();
  });
}

TEST(CrewRule, EachMcacheIsFlushedOnceInTheStopByHelperOrCoordinator) {
  EXPECT_EQ(crew_rule([](Oracle& o) {
              o.helper_begun(), o.mcache_flushed(1, 2), o.mcache_flushed(0, 1), o.helper_ended();
              o.pause_flushed(3);
            }),
            "");
  EXPECT_EQ(crew_rule([](Oracle& o) { o.mcache_flushed(0, 1); }), "crew") << "P1 is not flushed";
  EXPECT_EQ(
      crew_rule([](Oracle& o) { o.mcache_flushed(0, 1), o.mcache_flushed(1, 0), o.mcache_flushed(0, 0); }),
      "crew");
  EXPECT_EQ(rule_broken([](Oracle& o) {
              o.crew_made(1);
              for (int cycle = 0; cycle < 2; ++cycle)
                o.world_stopped(), o.flushes_due(1), o.mcache_flushed(0, 1), o.pause_flushed(1),
                    o.world_starting();
            }),
            "")
      << "once in each stop";
}

TEST(CrewRule, WhatTheCoordinatorCountsIsWhatWasFlushed) {
  for (const uint32_t counted : {1u, 3u})
    EXPECT_EQ(crew_rule([counted](Oracle& o) {
                o.mcache_flushed(0, 1), o.mcache_flushed(1, 1), o.pause_flushed(counted);
              }),
              "crew");
}

TEST(CrewRule, HelpersWorkInAStoppedWorldOnly) {
  const auto flushed = [](Oracle& o) { o.mcache_flushed(0, 1), o.mcache_flushed(1, 1); };
  EXPECT_EQ(crew_rule([&](Oracle& o) { flushed(o), o.helper_begun(); }), "crew")
      << "the world starts meanwhile";
  EXPECT_EQ(rule_broken([](Oracle& o) { o.crew_made(1), o.helper_begun(); }), "crew");
  EXPECT_EQ(
      rule_broken([](Oracle& o) { o.crew_made(1), o.world_stopped(), o.world_starting(), o.helper_begun(); }),
      "crew");
}

// lazy flushes none in the pause; a scenario without helpers has no account.
TEST(CrewRule, FlushesThatNoPolicyPromisedAreFree) {
  EXPECT_EQ(rule_broken([](Oracle& o) {
              o.crew_made(1), o.mcache_flushed(0, 1), o.world_stopped(), o.mcache_flushed(0, 1),
                  o.mcache_flushed(0, 1), o.pause_flushed(2), o.world_starting(), o.mcache_flushed(0, 1);
            }),
            "");
  EXPECT_EQ(rule_broken([](Oracle& o) {
              o.world_stopped(), o.flushes_due(1), o.pause_flushed(5), o.world_starting();
            }),
            "");
}

}  // namespace
}  // namespace sweepscope::laboratory
