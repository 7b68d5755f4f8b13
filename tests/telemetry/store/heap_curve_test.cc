// The heap over time: a staircase that agrees with the replica at every moment, and where it is unknown.
#include "telemetry/store/heap_curve.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/store/history.h"
#include "telemetry/store/index_part.h"
#include "telemetry/store/keyframe.h"
#include "telemetry/store/recording.h"
#include "tests/telemetry/store/record.h"

namespace sweepscope::telemetry {
namespace {

using testing::generate_session;
using testing::Handover;
using testing::record;
using testing::temp_path;

std::optional<uint64_t> shown_at(const std::vector<HeapPoint>& points, int64_t ns) {
  const auto after = std::upper_bound(points.begin(), points.end(), ns,
                                      [](int64_t t, const HeapPoint& point) { return t < point.ns; });
  return after == points.begin() ? std::nullopt : (after - 1)->live;
}

// Chunked: events of different threads arrive out of order.
std::vector<Event> session() {
  return generate_session({.seed = 8, .cycles = 5, .ops = 900, .handover = Handover::kChunked});
}

// The heap figure of a replica after each event, folded in the order of time.
std::vector<std::pair<int64_t, std::optional<uint64_t>>> by_time(std::vector<Event> events) {
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.ns < b.ns; });
  Replica replica;
  std::vector<std::pair<int64_t, std::optional<uint64_t>>> all;
  for (const Event& event : events) {
    replica.apply(event);
    all.emplace_back(event.ns, replica.heap_live());
  }
  return all;
}

void expect_agrees(const std::vector<HeapPoint>& points, const std::vector<Event>& events) {
  uint64_t highest = 0;
  size_t differ = 0;
  for (const auto& [ns, live] : by_time(events)) {
    const auto shown = shown_at(points, ns);
    ASSERT_EQ(shown.has_value(), live.has_value()) << ns;
    if (!live) continue;
    highest = std::max(highest, *live);
    const uint64_t off = *shown > *live ? *shown - *live : *live - *shown;
    ASSERT_LE(off, highest / 128) << "at " << ns;
    differ += off > 0 ? 1 : 0;
  }
  EXPECT_LT(points.size(), events.size() / 3) << "small steps are left out";
  EXPECT_GT(differ, 0u);
}

TEST(HeapCurve, OfARingAgreesWithTheReplicaAtEveryMoment) {
  const auto events = session();
  History history;
  for (size_t at = 0; at < events.size(); at += 333)
    history.append(std::span(events).subspan(at, std::min<size_t>(333, events.size() - at)));
  expect_agrees(history.marks().heap, events);
}

TEST(HeapCurve, OfARecordingAgreesWithTheReplicaForBothWaysOfOpening) {
  const auto events = session();
  const std::string path = temp_path("heap_curve.mcap");
  record(path, events, 200);
  for (const OpenBy by : {OpenBy::kReadingAll, OpenBy::kIndex}) {
    auto recording = Recording::open(path, by);
    ASSERT_TRUE(recording);
    expect_agrees((*recording)->marks().heap, events);
  }
}

TEST(HeapCurve, MovesWhenALateChangeArrives) {
  HeapCurve curve;
  const HeapChange start{100, HeapChange::Kind::kSet, 1000}, later{300, HeapChange::Kind::kAdd, 50},
      late{200, HeapChange::Kind::kAdd, 7};
  curve.add({&start, 1});
  curve.add({&later, 1});
  EXPECT_EQ(curve.take_points().size(), 1u);
  EXPECT_EQ(curve.tail().size(), 1u);
  curve.add({&late, 1});
  const auto tail = curve.tail();
  ASSERT_EQ(tail.size(), 2u);
  EXPECT_EQ(shown_at(tail, 299), 1007u);
  EXPECT_EQ(shown_at(tail, 300), 1057u);
}

TEST(HeapCurve, IsUnknownFromALossToTheNextPhaseEdge) {
  const auto events = session();
  History history;
  const size_t lost_at = events.size() / 2;
  history.append(std::span(events).first(lost_at));
  history.append(std::span(events).subspan(lost_at + 10), 10, "lost");
  const int64_t from = history.losses().front().ns;
  int64_t edge = 0;
  for (size_t seq = lost_at + 10; seq < events.size() && edge == 0; ++seq)
    if (std::holds_alternative<PhaseChange>(events[seq].body)) edge = events[seq].ns;
  const auto& points = history.marks().heap;
  EXPECT_TRUE(shown_at(points, from - 1));
  EXPECT_FALSE(shown_at(points, from));
  EXPECT_FALSE(shown_at(points, edge - 1));
  EXPECT_TRUE(shown_at(points, edge));
}

TEST(HeapCurve, OfAnOlderIndexIsKnownAtPhaseEdgesOnly) {
  IndexPart part;
  part.chunks = 1;
  part.batches = {{0, 0, 4, 0, 0, 100, 400}};
  part.marks = {Event{100, 1, PhaseChange{1, Phase::kMark, 500, 0}}};
  part.mark_places = {0};
  const auto old = decode_index(encode_index(part));
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->heap);
  MarksBuilder builder;
  builder.add_heap_at_edges(old->marks);
  builder.show_heap();
  const auto& points = builder.marks().heap;
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].live, 500u);
  EXPECT_EQ(points[1].ns, 100);
  EXPECT_FALSE(shown_at(points, 101));
}

TEST(HeapFigureInAKeyframe, IsTheSameAfterASeekAsAfterPlaying) {
  auto events = session();
  for (Event& event : events) event.ns *= 500;  // seconds: a keyframe in each
  const std::string path = temp_path("heap_seek.mcap");
  record(path, events, 100);
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording);
  EXPECT_GT((*recording)->keyframes(), 2u);
  Replica played;
  for (size_t seq = 0; seq < events.size(); ++seq) {
    if (seq % 211 == 0) {
      Replica sought;
      ASSERT_TRUE((*recording)->seek(seq, sought));
      ASSERT_EQ(sought.heap_live(), played.heap_live()) << seq;
      ASSERT_EQ(sought.trigger(), played.trigger()) << seq;
      ASSERT_EQ(sought.goal(), played.goal()) << seq;
    }
    played.apply(events[seq]);
  }
}

TEST(HeapFigureInAKeyframe, OfAnOlderVersionIsUnknown) {
  Replica replica;
  for (const Event& event : session()) replica.apply(event);
  ASSERT_TRUE(replica.heap_live());
  v1::Keyframe frame;
  ASSERT_TRUE(frame.ParseFromString(encode_keyframe(replica)));
  frame.set_flags(frame.flags() & 31);  // the flags of that version
  Replica old;
  ASSERT_TRUE(decode_keyframe(frame.SerializeAsString(), old));
  EXPECT_FALSE(old.heap_live());
  EXPECT_FALSE(old.trigger());
  EXPECT_FALSE(old.goal());
}

}  // namespace
}  // namespace sweepscope::telemetry
