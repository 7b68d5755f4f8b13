// The flight ring plays like a recording, and forgets only whole segments.
#include "telemetry/store/history.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/session_model.h"

namespace sweepscope::telemetry {
namespace {

using namespace sweepscope::testing;

TEST(History, SeeksToTheStateThatPlayingReaches) {
  const auto events =
      generate_session({.seed = 4, .cycles = 20, .ops = 4000, .handover = Handover::kChunked});
  History history;
  for (size_t at = 0; at < events.size(); at += 333)
    history.append(std::span(events).subspan(at, std::min<size_t>(333, events.size() - at)));
  ASSERT_EQ(history.extent().end_seq, events.size());
  std::mt19937_64 random(2);
  std::vector<uint64_t> places{0, events.size()};
  for (int i = 0; i < 200; ++i) places.push_back(random() % events.size());
  std::sort(places.begin(), places.end());
  Replica played;
  uint64_t at = 0;
  for (uint64_t seq : places) {
    for (; at < seq; ++at) played.apply(events[at]);
    Replica sought;
    ASSERT_TRUE(history.seek(seq, sought));
    ASSERT_EQ(sought.hash(), played.hash()) << "seq " << seq;
  }
}

TEST(History, ForgetsTheOldestAndStaysInItsBounds) {
  const auto events = generate_session({.seed = 4, .cycles = 60, .ops = 8000});
  History history(8 << 20);
  for (size_t at = 0; at < events.size(); at += 1000)
    history.append(std::span(events).subspan(at, std::min<size_t>(1000, events.size() - at)));
  EXPECT_LE(history.bytes(), size_t{8} << 20);
  const Extent extent = history.extent();
  EXPECT_GT(extent.first_seq, 0u);
  std::vector<Event> out;
  EXPECT_FALSE(history.read(0, 1, out));
  Replica replica;
  EXPECT_FALSE(history.seek(extent.first_seq - 1, replica));
  ASSERT_TRUE(history.seek(extent.first_seq, replica));
  Replica played;
  for (uint64_t i = 0; i < extent.first_seq; ++i) played.apply(events[i]);
  EXPECT_EQ(replica.hash(), played.hash());
  EXPECT_EQ(*history.read(extent.first_seq, events.size(), out), events.size() - extent.first_seq);
  for (const FlushMark& mark : history.marks().flushes) EXPECT_GE(mark.seq, extent.first_seq);
}

TEST(History, RemembersWhereEventsWereLost) {
  const auto events = generate_session({.seed = 4});
  History history;
  history.append(std::span(events).first(500));
  history.append(std::span(events).subspan(700), 200, "viewer too slow");
  ASSERT_EQ(history.losses().size(), 1u);
  EXPECT_EQ(history.losses()[0].seq, 500u);
  EXPECT_EQ(history.losses()[0].count, 200u);
  Replica sought;
  ASSERT_TRUE(history.seek(900, sought));
  EXPECT_EQ(sought.lost(), 200u);
}

}  // namespace
}  // namespace sweepscope::telemetry
