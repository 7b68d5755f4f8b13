// The flight ring plays like a recording, and drops only whole segments.
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

TEST(History, DropsTheOldestEventsAndStaysWithinItsLimit) {
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

// A ring that has received several times its size since the held moment.
struct HeldMoment {
  static constexpr size_t kRing = 2 << 20, kHeld = 2 << 20;
  std::vector<Event> events = generate_session({.seed = 4, .cycles = 80, .ops = 8000});
  History history{kRing, kHeld};
  uint64_t moment = 0;      // in the middle of cycle 3
  CycleMark before, after;  // the neighbours of its cycle begin and end

  HeldMoment() {
    size_t at = 0;
    while (history.marks().cycles.size() < 5) at = append(at, at + 100);
    const auto& cycles = history.marks().cycles;
    moment = (cycles[2].seq + cycles[3].seq) / 2;
    before = cycles[1], after = cycles[4];
    history.hold(moment);
    append(at, events.size());
  }
  size_t append(size_t from, size_t to) {
    to = std::min(to, events.size());
    for (size_t at = from; at < to; at += 100)
      history.append(std::span(events).subspan(at, std::min<size_t>(100, to - at)));
    return to;
  }
};

TEST(History, AHeldMomentKeepsItsCycleAndNeighboursAfterTheRingHasMovedOn) {
  HeldMoment held;
  History& history = held.history;
  ASSERT_GT(held.events.size() * sizeof(Event), 4 * HeldMoment::kRing) << "the session must be longer";
  const auto gap = history.gap();
  ASSERT_TRUE(gap);
  EXPECT_LE(history.extent().first_seq, held.before.seq);
  EXPECT_GT(gap->first_seq, held.after.seq);
  EXPECT_GT(gap->end_seq, gap->first_seq);
  EXPECT_EQ(gap->end_seq, history.ring_first_seq());
  EXPECT_LE(history.bytes(), HeldMoment::kRing);
  EXPECT_LE(history.held_bytes(), HeldMoment::kHeld);

  Replica played, sought;
  for (uint64_t seq = 0; seq < held.moment; ++seq) played.apply(held.events[seq]);
  ASSERT_TRUE(history.seek(held.moment, sought));
  EXPECT_EQ(sought.hash(), played.hash());
  std::vector<Event> out;
  const auto read = history.read(held.before.seq, held.events.size(), out);
  ASSERT_TRUE(read);
  ASSERT_EQ(*read, gap->first_seq - held.before.seq) << "reading stops at the gap";
  for (size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i].ns, held.events[held.before.seq + i].ns);

  uint32_t cycles = 0;
  for (const CycleMark& mark : history.marks().cycles) {
    EXPECT_FALSE(gap->holds(mark.seq));
    cycles += mark.seq >= held.before.seq && mark.seq <= held.after.seq;
  }
  EXPECT_EQ(cycles, 4u);
}

TEST(History, AGapHasNoEventsAndNoState) {
  HeldMoment held;
  History& history = held.history;
  const Gap gap = *history.gap();
  std::vector<Event> out;
  Replica state, played;
  EXPECT_FALSE(history.read(gap.first_seq, 1, out));
  EXPECT_FALSE(history.read(gap.end_seq - 1, 1, out));
  EXPECT_FALSE(history.seek(gap.first_seq + 1, state));
  for (uint64_t seq = 0; seq < gap.end_seq; ++seq) {
    if (seq == gap.first_seq) {
      ASSERT_TRUE(history.seek(seq, state)) << "after the last pinned event";
      EXPECT_EQ(state.hash(), played.hash());
    }
    played.apply(held.events[seq]);
  }
  ASSERT_TRUE(history.seek(gap.end_seq, state));
  EXPECT_EQ(state.hash(), played.hash());
  EXPECT_EQ(history.seq_at(gap.to_ns), gap.end_seq);
}

TEST(History, AMovedOrReleasedHoldFreesItsSegments) {
  HeldMoment held;
  held.history.hold(held.history.ring_first_seq() + 10);
  EXPECT_FALSE(held.history.gap());
  EXPECT_EQ(held.history.held_bytes(), 0u);
  EXPECT_EQ(held.history.extent().first_seq, held.history.ring_first_seq());
  EXPECT_GE(held.history.marks().cycles.front().seq, held.history.ring_first_seq());

  HeldMoment other;
  other.history.hold(std::nullopt);
  EXPECT_EQ(other.history.held_bytes(), 0u);
}

TEST(History, AHeldMomentInAHugeCycleKeepsTheEventsAroundIt) {
  constexpr size_t kHeld = 2 << 20;
  const auto events = generate_session({.seed = 4, .cycles = 3, .ops = 1'000'000});
  History history(8 << 20, kHeld);
  const auto append = [&](size_t from, size_t to) {
    for (size_t at = from; at < to; at += 100)
      history.append(std::span(events).subspan(at, std::min<size_t>(100, to - at)));
  };
  const uint64_t moment = events.size() / 4;
  append(0, moment + 100);
  history.hold(moment);
  append(moment + 100, events.size());
  ASSERT_TRUE(history.gap());
  EXPECT_LE(history.held_bytes(), kHeld);
  EXPECT_LT(history.extent().first_seq, moment - 1000);
  EXPECT_GT(history.gap()->first_seq, moment + 1000);
  Replica played, sought;
  for (uint64_t seq = 0; seq < moment; ++seq) played.apply(events[seq]);
  ASSERT_TRUE(history.seek(moment, sought));
  EXPECT_EQ(sought.hash(), played.hash());
}

TEST(History, AHeldMomentSurvivesARestartOfTheStream) {
  const auto events = generate_session({.seed = 4, .cycles = 20, .ops = 2000});
  History history;
  const size_t half = events.size() / 2, later = half + 5000;
  history.append(std::span(events).first(half));
  const uint64_t moment = history.marks().cycles[3].seq + 10;
  history.hold(moment);
  Replica state;
  for (size_t i = 0; i < later; ++i) state.apply(events[i]);
  history.restart(later, state);  // this viewer was too slow
  history.append(std::span(events).subspan(later));
  ASSERT_TRUE(history.gap());
  EXPECT_EQ(history.gap()->end_seq, later);
  Replica played, sought;
  for (uint64_t seq = 0; seq < moment; ++seq) played.apply(events[seq]);
  ASSERT_TRUE(history.seek(moment, sought));
  EXPECT_EQ(sought.hash(), played.hash());
  ASSERT_TRUE(history.seek(events.size(), sought));
  for (size_t seq = later; seq < events.size(); ++seq) state.apply(events[seq]);
  EXPECT_EQ(sought.hash(), state.hash());
}

TEST(History, RecordsWhereEventsWereLost) {
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
