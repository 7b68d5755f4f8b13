// The Player: the picture of a moment does not depend on how the moment was reached.
#include "gui/models/player.h"

#include <gtest/gtest.h>

#include "gui/models/cycle_plan.h"
#include "gui/models/ruler_geometry.h"
#include "gui/session/playback.h"
#include "telemetry/store/check_recording.h"
#include "tests/gui/support/memory_log.h"
#include "tests/gui/support/sessions.h"
#include "tests/telemetry/store/record.h"

namespace sweepscope::gui {
namespace {

using testing::MemoryLog;

TEST(Player, PlayingToTheEndEqualsSeekingThere) {
  for (const uint64_t seed : {1, 2, 3}) {
    MemoryLog log(testing::chunkedSession(seed));
    Player played, sought;
    ASSERT_TRUE(played.seekSeq(log, 0));
    while (played.advance(log, log.extent().last_ns, 1000) > 0) {
    }
    ASSERT_TRUE(sought.seekSeq(log, log.extent().end_seq));
    EXPECT_EQ(played.replica().hash(), sought.replica().hash()) << "seed " << seed;
    EXPECT_EQ(played.refusals(), 0u) << played.lastRefusal().sentence;
  }
}

// What still waits at the end of a finished recording is folded in, as by `sweepctl info` and `check`.
TEST(Player, EndsInTheStateThatACheckReports) {
  auto events = testing::chunkedSession(2);
  telemetry::Replica replica;
  size_t last = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    replica.apply(events[i]);
    if (!replica.settled()) last = i;
  }
  events.resize(last + 1);
  const std::string path = testing::temp_path("unsettled.mcap");
  testing::record(path, events);
  const auto report = telemetry::check_recording(path);
  ASSERT_TRUE(report) << report.error().message;
  auto recording = telemetry::Recording::open(path);
  ASSERT_TRUE(recording) << recording.error().message;
  Player played, sought;
  ASSERT_TRUE(played.seekSeq(**recording, 0));
  while (played.advance(**recording, (*recording)->extent().last_ns, 1000) > 0) {
  }
  ASSERT_TRUE(sought.seekSeq(**recording, events.size()));
  EXPECT_TRUE(played.replica().settled());
  EXPECT_EQ(played.replica().hash(), report->final_hash);
  EXPECT_EQ(sought.replica().hash(), report->final_hash);
}

TEST(Player, SeekingToAMomentEqualsPlayingUpToIt) {
  MemoryLog log(testing::chunkedSession(4));
  const int64_t last = log.extent().last_ns;
  Player played;
  const int64_t first = log.extent().first_ns;
  ASSERT_TRUE(played.seekNs(log, first));
  for (int64_t ns = first; ns < last; ns += last / 23) {
    played.advance(log, ns, Player::kWindow);
    Player sought;
    ASSERT_TRUE(sought.seekNs(log, ns));
    EXPECT_EQ(sought.replica().sweepgen(), played.replica().sweepgen()) << ns;
    EXPECT_EQ(sought.ns(), ns);
  }
}

TEST(Player, FollowingTheLiveEdgeEqualsSeekingToIt) {
  MemoryLog log(testing::chunkedSession(5));
  Player live, sought;
  while (live.follow(log, 777) > 0) {
  }
  ASSERT_TRUE(sought.seekSeq(log, log.extent().end_seq));
  EXPECT_EQ(live.replica().hash(), sought.replica().hash());
}

TEST(Player, AStepBackUndoesAStep) {
  MemoryLog log(testing::session(6));
  Player player;
  ASSERT_TRUE(player.seekSeq(log, 500));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(player.step(log));
  const uint64_t hash = player.replica().hash(), seq = player.seq();
  ASSERT_TRUE(player.step(log));
  EXPECT_NE(player.seq(), seq);
  ASSERT_TRUE(player.stepBack(log));
  EXPECT_EQ(player.replica().hash(), hash);
  EXPECT_EQ(player.seq(), seq);
}

TEST(Player, SeekingToTheEndShowsTheLastMoment) {
  MemoryLog log(testing::session(6));
  Player player;
  ASSERT_TRUE(player.seekSeq(log, log.extent().end_seq));
  EXPECT_EQ(player.ns(), log.extent().last_ns);
}

TEST(Player, AtTheEndTheWindowHoldsThePrecedingEvents) {
  MemoryLog log(testing::session(6));
  Player player;
  ASSERT_TRUE(player.seekNs(log, log.extent().last_ns));
  ASSERT_FALSE(player.step(log));
  ASSERT_GT(player.position(), 1u);
  EXPECT_EQ(player.position(), player.window().size());
  EXPECT_EQ(player.window().back().seq, log.extent().end_seq - 1);
  EXPECT_EQ(player.seq(), log.extent().end_seq);
}

// acquirep-no-flush in short: a refill into a cache that was not flushed, and two more events.
std::vector<telemetry::Event> refillOfAStaleCache() {
  using namespace telemetry;
  const auto stop = [](StwEdge edge, StwReason reason) { return Stw{1, edge, reason, 0, 1, 0}; };
  const std::vector<Body> bodies = {
      Procresize{0, 1, 4},
      PStatusChange{0, PStatus::kDead, PStatus::kIdle, 0, kNoId, 4, 0},
      PStatusChange{0, PStatus::kIdle, PStatus::kRunning, 0, kNoId, 4, 0},
      stop(StwEdge::kRequested, StwReason::kMarkTermination),
      stop(StwEdge::kStopped, StwReason::kMarkTermination),
      PhaseChange{1, Phase::kSweepTermination, 0, 0},
      PhaseChange{1, Phase::kMark, 0, 0},
      PhaseChange{1, Phase::kMarkTermination, 0, 0},
      PhaseChange{1, Phase::kOff, 0, 0},
      Turn{1, 4, 6, 0, 1},
      stop(StwEdge::kReleased, StwReason::kMarkTermination),
      stop(StwEdge::kStarted, StwReason::kMarkTermination),
      SpanAllocated{0, 1, 0, 1, 6, 0, 20},
      Transition{0, 2, 6, 9, 0, 0, Arc::kT2, Cause::kRefill, ListMembership::kEmpty},
      StepTaken{},
      CheckFired{0, kNoP, 0, 0, 0, 1, 0}};
  std::vector<Event> events;
  for (const Body& body : bodies) events.push_back({static_cast<int64_t>(events.size()), 0, body});
  return events;
}

telemetry::SessionInfo laboratory() {
  telemetry::SessionInfo info;
  info.engine_build = "laboratory";
  return info;
}

TEST(Player, InTheLaboratoryAnIllegalStepIsRefusedAtOnceAndStillShown) {
  MemoryLog elsewhere(refillOfAStaleCache()), log(refillOfAStaleCache(), laboratory());
  const uint64_t refilled = log.extent().end_seq - 2;
  Player held, player;
  ASSERT_TRUE(held.playTo(elsewhere, refilled));
  ASSERT_TRUE(player.playTo(log, refilled));
  EXPECT_EQ(held.refusals(), 0u) << "the flush may be late";
  ASSERT_EQ(player.refusals(), 1u);
  EXPECT_EQ(player.lastRefusal().rule, "flush_gen");
  EXPECT_EQ(player.replica().span(0)->sweepgen, 9u);
}

TEST(Player, CountsARefusalOnceAndOnlyFromItsMomentOn) {
  MemoryLog log(refillOfAStaleCache(), laboratory());
  const uint64_t end = log.extent().end_seq;
  Player player;
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(player.playTo(log, end - 3));
    EXPECT_EQ(player.refusals(), 0u);
    ASSERT_TRUE(player.playTo(log, end));
    EXPECT_EQ(player.refusals(), 1u);
    ASSERT_TRUE(player.seekNs(log, log.extent().last_ns));
    EXPECT_EQ(player.refusals(), 1u);
  }
}

TEST(Player, EventsHaveTheirGenerationInASessionWithoutATurn) {
  auto events = refillOfAStaleCache();
  events.resize(11);  // the events before the turn
  MemoryLog log(std::move(events), laboratory());
  Player player;
  ASSERT_TRUE(player.playTo(log, 8));
  ASSERT_EQ(player.replica().sweepgen(), 4u);
  for (size_t i = 1; i < player.window().size(); ++i) EXPECT_EQ(player.window()[i].sweepgen, 4u) << i;
}

TEST(Player, SeekEventLeavesTheSurroundingEventsInTheWindow) {
  MemoryLog log(testing::chunkedSession(6));
  const uint64_t end = log.extent().end_seq;
  Player player;
  for (const uint64_t seq : {uint64_t{0}, uint64_t{1}, end / 3, end / 2, end - 1, end}) {
    ASSERT_TRUE(player.seekEvent(log, seq));
    ASSERT_FALSE(player.window().empty()) << seq;
    if (seq == 0) {
      EXPECT_EQ(player.position(), 0u);
      continue;
    }
    ASSERT_GT(player.position(), 0u) << seq;
    EXPECT_EQ(player.window()[player.position() - 1].seq, seq - 1);
  }
  Player sought;
  ASSERT_TRUE(sought.seekSeq(log, end));
  EXPECT_EQ(player.replica().hash(), sought.replica().hash());
}

TEST(Player, StepBackAtTheStartStaysThere) {
  MemoryLog log(testing::session(6));
  Player player;
  ASSERT_TRUE(player.seekSeq(log, 0));
  EXPECT_TRUE(player.stepBack(log));
  EXPECT_EQ(player.seq(), 0u);
}

TEST(Playback, AFewStepsOfTheLaboratoryTakeTheChosenSeconds) {
  std::vector<telemetry::Event> steps;
  for (int step = 0; step <= 60; ++step) steps.push_back({step, 0, telemetry::StepTaken{}});
  MemoryLog log(std::move(steps));
  Player player;
  ASSERT_TRUE(player.seekSeq(log, 0));
  Playback playback;
  playback.setPlaying(true);
  const double seconds = playback.speed().value;
  for (int frame = 0; frame < 100; ++frame) playback.advance(log, player, seconds / 200);
  EXPECT_NEAR(static_cast<double>(player.ns()), 30, 1);
  EXPECT_DOUBLE_EQ(playback.engineNsPerSecond(log), 60 / seconds);
}

TEST(CyclePlan, TakesTheChosenSecondsAndGivesEveryPhaseHalfASecond) {
  MemoryLog log(testing::session(7));
  for (size_t i = 0; i + 1 < log.marks().cycles.size(); ++i) {
    const CyclePlan plan = CyclePlan::of(log.marks(), i, 6, 0);
    ASSERT_FALSE(plan.empty());
    EXPECT_NEAR(plan.seconds(), 6, 1e-9);
    for (const PlanSegment& segment : plan.segments()) EXPECT_GE(segment.endS - segment.beginS, 0.5 - 1e-9);
    EXPECT_EQ(plan.beginNs(), log.marks().cycles[i].ns);
    EXPECT_EQ(plan.endNs(), log.marks().cycles[i + 1].ns);
  }
  EXPECT_TRUE(CyclePlan::of(log.marks(), log.marks().cycles.size() - 1, 6, 0).empty());
}

TEST(CyclePlan, IsMonotonicAndInvertible) {
  MemoryLog log(testing::session(8));
  const CyclePlan plan = CyclePlan::of(log.marks(), 1, 6, 0);
  int64_t last = 0;
  for (double s = 0; s < 6; s += 0.01) {
    const int64_t ns = plan.nsAt(s);
    EXPECT_GE(ns, last);
    EXPECT_NEAR(plan.secondsAt(ns), s, 0.02);
    last = ns;
  }
}

TEST(RulerGeometry, ColumnsStandStillWhileLabelsSlideAndThenTheViewFollows) {
  constexpr double kWidth = 600, kColumn = kWidth / 6;
  const RulerGeometry before(0, kWidth, 12, 0), slid(0, kWidth, 12, 1), after(0, kWidth, 12, 2);
  // Spans at gen 10 were "0" before the turn to 12 and are "-2" after it.
  EXPECT_DOUBLE_EQ(before.columnLeft(-2), slid.columnLeft(-2));
  EXPECT_DOUBLE_EQ(before.labelLeft(0), before.columnLeft(-2));
  EXPECT_DOUBLE_EQ(slid.labelLeft(-2), slid.columnLeft(-2));
  EXPECT_DOUBLE_EQ(before.labelLeft(0) + 2 * kColumn, slid.labelLeft(0));
  EXPECT_DOUBLE_EQ(after.columnLeft(-2), slid.columnLeft(-2) - 2 * kColumn);
  EXPECT_DOUBLE_EQ(after.labelLeft(0), before.labelLeft(0));
}

}  // namespace
}  // namespace sweepscope::gui
