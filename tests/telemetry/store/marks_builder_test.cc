// Marks of pauses: marking inside a stop, and concurrent marking.
#include "telemetry/store/marks_builder.h"

#include <gtest/gtest.h>

namespace sweepscope::telemetry {
namespace {

struct MarksOfAPause : ::testing::Test {
  MarksBuilder builder;
  uint64_t seq = 0;
  void add(int64_t ns, Body body) {
    Event event{};
    event.ns = ns;
    event.body = body;
    builder.add(event, seq++);
  }
  void edge(int64_t ns, StwEdge edge, StwReason reason) {
    Stw stw{};
    stw.edge = edge;
    stw.reason = reason;
    stw.cycle = 1;
    add(ns, stw);
  }
  void phase(int64_t ns, Phase phase) {
    PhaseChange change{};
    change.cycle = 1;
    change.phase = phase;
    add(ns, change);
  }
  const PauseMark& first() { return builder.marks().pauses.at(0); }
  const PauseMark& second() { return builder.marks().pauses.at(1); }
};

TEST_F(MarksOfAPause, MarkingInAStopIsPartOfItsPause) {
  const StwReason reason = StwReason::kMarkTermination;
  edge(100, StwEdge::kRequested, reason);
  edge(110, StwEdge::kStopped, reason);
  phase(115, Phase::kSweepTermination);
  phase(120, Phase::kMark);
  phase(500, Phase::kMarkTermination);
  Flush flush{};
  flush.cause = FlushCause::kStw;
  flush.ns = 7;
  flush.spans = 1;
  add(510, flush);
  add(520, flush);
  phase(525, Phase::kOff);
  edge(530, StwEdge::kReleased, reason);
  edge(545, StwEdge::kStarted, reason);
  add(550, flush);
  ASSERT_EQ(builder.marks().pauses.size(), 1u);
  EXPECT_EQ(first().length_ns(), 445);
  EXPECT_EQ(first().ttsp_ns(), 10);
  EXPECT_EQ(first().mark_begin_ns, 120);
  EXPECT_EQ(first().mark_ns(), 380);
  EXPECT_EQ(first().flush_ns, 14);
  EXPECT_EQ(first().released_ns, 530);
  EXPECT_EQ(first().start_ns(), 15);
}

TEST_F(MarksOfAPause, ConcurrentMarkingIsInNoPause) {
  edge(100, StwEdge::kRequested, StwReason::kSweepTermination);
  edge(110, StwEdge::kStopped, StwReason::kSweepTermination);
  phase(120, Phase::kMark);
  edge(130, StwEdge::kReleased, StwReason::kSweepTermination);
  edge(140, StwEdge::kStarted, StwReason::kSweepTermination);
  edge(500, StwEdge::kRequested, StwReason::kMarkTermination);
  edge(510, StwEdge::kStopped, StwReason::kMarkTermination);
  phase(520, Phase::kMarkTermination);
  EXPECT_EQ(first().mark_ns(), 0);
  EXPECT_EQ(first().released_ns, 130);
  EXPECT_EQ(first().length_ns(), 40);
  EXPECT_EQ(second().mark_ns(), 0);
  EXPECT_EQ(second().stopped_ns, 510);
}

TEST_F(MarksOfAPause, DroppedInItsMiddleTakesNoMorePhases) {
  edge(100, StwEdge::kRequested, StwReason::kMarkTermination);
  edge(110, StwEdge::kStopped, StwReason::kMarkTermination);
  builder.drop_before(seq, 120);
  phase(120, Phase::kMark);
  phase(500, Phase::kMarkTermination);
  EXPECT_TRUE(builder.marks().pauses.empty());
}

// As at the cut of a recording: it has begun, and how long it was is not known.
TEST_F(MarksOfAPause, AStopWithoutAllItsEdgesIsNotEnded) {
  const StwReason reason = StwReason::kMarkTermination;
  edge(100, StwEdge::kRequested, reason);
  EXPECT_FALSE(first().ended);
  edge(110, StwEdge::kStopped, reason);
  edge(530, StwEdge::kReleased, reason);
  EXPECT_FALSE(first().ended);
  edge(545, StwEdge::kStarted, reason);
  EXPECT_TRUE(first().ended);
}

// Not the stamps of the events, which are taken later.
TEST_F(MarksOfAPause, HasTheFiguresOfTheEngine) {
  const StwReason reason = StwReason::kMarkTermination;
  edge(100, StwEdge::kRequested, reason);
  add(130, Stw{1, StwEdge::kStopped, reason, 10, 0, 0});
  phase(140, Phase::kMark);
  phase(500, Phase::kMarkTermination);
  add(510, Flush{0, FlushCause::kStw, 3, 0, 7, 0, 0, 0});
  add(610, Stw{1, StwEdge::kReleased, reason, 480, 0, 3, 9});
  add(660, Stw{1, StwEdge::kStarted, reason, 40, 0, 0, 0, 350});
  EXPECT_EQ(first().ttsp_ns(), 10);
  EXPECT_EQ(first().mark_ns(), 350);
  EXPECT_EQ(first().flush_ns, 9);
  EXPECT_EQ(first().start_ns(), 40);
  EXPECT_EQ(first().length_ns(), 530);
}

// The events between two chunks are lost: the end of one stop, the beginning of the next.
TEST_F(MarksOfAPause, EdgesOfALaterStopDoNotEndAnEarlierOne) {
  edge(100, StwEdge::kRequested, StwReason::kSweepTermination);
  edge(110, StwEdge::kStopped, StwReason::kSweepTermination);
  edge(900, StwEdge::kReleased, StwReason::kMarkTermination);
  edge(950, StwEdge::kStarted, StwReason::kMarkTermination);
  ASSERT_EQ(builder.marks().pauses.size(), 1u);
  EXPECT_FALSE(first().ended);
  EXPECT_EQ(first().released_ns, 110);
  edge(2000, StwEdge::kRequested, StwReason::kControl);
  edge(2500, StwEdge::kReleased, StwReason::kControl);  // kStopped is lost
  edge(2600, StwEdge::kStarted, StwReason::kControl);
  EXPECT_FALSE(second().ended);
  EXPECT_EQ(second().length_ns(), 0);
}

}  // namespace
}  // namespace sweepscope::telemetry
