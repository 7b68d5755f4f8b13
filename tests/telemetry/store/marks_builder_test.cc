// Where the world stood still while it was marked, and where it ran.
#include "telemetry/store/marks_builder.h"

#include <gtest/gtest.h>

namespace sweepscope::telemetry {
namespace {

struct MarksOfAPause : ::testing::Test {
  MarksBuilder builder;
  uint64_t seq = 0;
  void tell(int64_t ns, Body body) {
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
    tell(ns, stw);
  }
  void phase(int64_t ns, Phase phase) {
    PhaseChange change{};
    change.cycle = 1;
    change.phase = phase;
    tell(ns, change);
  }
  const PauseMark& first() { return builder.marks().pauses.at(0); }
  const PauseMark& second() { return builder.marks().pauses.at(1); }
};

TEST_F(MarksOfAPause, StripOfMarkingReachesToTheNextStopIfTheWorldStayedStopped) {
  edge(100, StwEdge::kRequested, StwReason::kSweepTermination);
  edge(110, StwEdge::kStopped, StwReason::kSweepTermination);
  phase(120, Phase::kMark);
  edge(500, StwEdge::kRequested, StwReason::kMarkTermination);
  EXPECT_EQ(first().released_ns, 120);
  EXPECT_EQ(first().marked_ns, 500);
}

TEST_F(MarksOfAPause, HasNoStripOfMarkingIfTheWorldRanBesideIt) {
  edge(100, StwEdge::kRequested, StwReason::kSweepTermination);
  edge(110, StwEdge::kStopped, StwReason::kSweepTermination);
  phase(120, Phase::kMark);
  edge(130, StwEdge::kReleased, StwReason::kSweepTermination);
  edge(140, StwEdge::kStarted, StwReason::kSweepTermination);
  edge(500, StwEdge::kRequested, StwReason::kMarkTermination);
  edge(510, StwEdge::kStopped, StwReason::kMarkTermination);
  EXPECT_EQ(first().released_ns, 130);
  EXPECT_EQ(first().marked_ns, 130);
  EXPECT_EQ(first().started_ns, 140);
  EXPECT_EQ(second().stopped_ns, 510);
}

}  // namespace
}  // namespace sweepscope::telemetry
