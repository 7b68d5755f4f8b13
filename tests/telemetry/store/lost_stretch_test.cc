// The lost stretches that a damaged recording reports.
#include "telemetry/store/lost_stretch.h"

#include <gmock/gmock.h>

#include "telemetry/store/check_recording.h"
#include "telemetry/store/recording.h"
#include "tests/telemetry/store/record.h"

namespace sweepscope::telemetry {
namespace {

using namespace sweepscope::testing;
using ::testing::HasSubstr;

// Chunk 0 of record_by_cycle() holds Hello, chunk 1 the events before cycle 1, chunk N + 1 cycle N.
constexpr size_t chunk_of_cycle(size_t cycle) { return cycle + 1; }

struct Damaged {
  std::vector<Event> events = generate_session({.seed = 20, .cycles = 6, .ops = 600});
  std::vector<size_t> starts = cycle_starts(events);
  std::string path;

  Damaged(const std::string& name, Ending ending, std::initializer_list<size_t> chunks)
      : path(temp_path(name)) {
    record_by_cycle(path, events, ending);
    for (const size_t chunk : chunks) damage_chunk(path, chunk);
  }
  uint64_t reach_ns(size_t end) const {
    int64_t reach = 0;
    for (size_t i = 0; i < end; ++i) reach = std::max(reach, events[i].ns);
    return static_cast<uint64_t>(reach);
  }
  std::unique_ptr<Recording> open() const {
    auto recording = Recording::open(path);
    EXPECT_TRUE(recording) << recording.error().message;
    return std::move(*recording);
  }
};

TEST(LostStretch, OfADamagedChunkHasItsTimeEventsAndCycle) {
  for (const Ending ending : {Ending::kFinished, Ending::kKilled}) {
    const Damaged damaged("cycle.mcap", ending, {chunk_of_cycle(3)});
    const auto recording = damaged.open();
    ASSERT_EQ(recording->lost().size(), 1u);
    const LostStretch& lost = recording->lost()[0];
    EXPECT_EQ(lost.from_ns, damaged.reach_ns(damaged.starts[2]));
    EXPECT_GE(lost.to_ns, static_cast<uint64_t>(damaged.events[damaged.starts[3]].ns));
    EXPECT_LE(lost.to_ns, std::max(damaged.reach_ns(damaged.starts[3]),
                                   static_cast<uint64_t>(damaged.events[damaged.starts[3]].ns)));
    EXPECT_EQ(lost.events, damaged.starts[3] - damaged.starts[2]);
    EXPECT_EQ(lost.first_cycle, 3u);
    EXPECT_EQ(lost.last_cycle, 3u);
    EXPECT_EQ(lost.why, "damaged chunk");
  }
}

TEST(LostStretch, SpansNeighbouringDamagedChunks) {
  const Damaged damaged("cycles.mcap", Ending::kFinished, {chunk_of_cycle(3), chunk_of_cycle(4)});
  const auto recording = damaged.open();
  ASSERT_EQ(recording->lost().size(), 1u);
  EXPECT_EQ(recording->lost()[0].events, damaged.starts[4] - damaged.starts[2]);
  EXPECT_EQ(recording->lost()[0].first_cycle, 3u);
  EXPECT_EQ(recording->lost()[0].last_cycle, 4u);
}

TEST(LostStretch, AtTheEndIsKnownFromTheIndex) {
  const Damaged damaged("end.mcap", Ending::kFinished, {chunk_of_cycle(6)});
  const auto recording = damaged.open();
  ASSERT_EQ(recording->lost().size(), 1u);
  const LostStretch& lost = recording->lost()[0];
  EXPECT_EQ(lost.events, damaged.events.size() - damaged.starts[5]);
  EXPECT_EQ(lost.to_ns, damaged.reach_ns(damaged.events.size()));
  EXPECT_EQ(lost.first_cycle, 6u);
  EXPECT_EQ(lost.last_cycle, 6u);
  const auto report = check_recording(damaged.path);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->refusal_count, 0u) << report->refusals[0].refusal.sentence;
  EXPECT_EQ(report->lost, lost.events);
}

TEST(LostStretch, AtTheEndWithoutAnIndexHasAnUnknownNumberOfEvents) {
  const Damaged damaged("torn.mcap", Ending::kKilled, {chunk_of_cycle(6)});
  const auto recording = damaged.open();
  ASSERT_EQ(recording->lost().size(), 1u);
  EXPECT_EQ(recording->lost()[0].events, kUnknownCount);
  EXPECT_EQ(recording->lost()[0].from_ns, recording->lost()[0].to_ns);
  EXPECT_EQ(recording->lost()[0].first_cycle, 0u);
}

TEST(LostStretch, OfPartOfACycleLosesNoWholeCycle) {
  const auto events = generate_session({.seed = 20, .cycles = 6, .ops = 600});
  const std::string path = temp_path("part.mcap");
  record(path, events, 20);
  const std::string whole = slurp(path);
  const size_t chunks = chunk_middles(whole).size();
  ASSERT_GT(chunks, 20u);
  for (size_t chunk = 1; chunk + 1 < chunks; ++chunk) {
    spill(path, whole);
    damage_chunk(path, chunk);
    auto recording = Recording::open(path);
    ASSERT_TRUE(recording);
    for (const LostStretch& lost : (*recording)->lost()) EXPECT_EQ(lost.first_cycle, 0u) << "chunk " << chunk;
  }
}

TEST(LostStretch, IsFoundByAnchorsOfTheUndamagedRecording) {
  const Damaged damaged("anchor.mcap", Ending::kFinished, {chunk_of_cycle(2), chunk_of_cycle(5)});
  const auto recording = damaged.open();
  const LostStretches& stretches = recording->lost_stretches();
  std::vector<Event> readable;
  ASSERT_TRUE(recording->read(0, damaged.events.size(), readable));
  for (size_t number = 0; number < damaged.events.size(); ++number) {
    const auto found = stretches.find(number);
    const bool in_2 = number >= damaged.starts[1] && number < damaged.starts[2];
    const bool in_5 = number >= damaged.starts[4] && number < damaged.starts[5];
    ASSERT_EQ(found.lost != nullptr, in_2 || in_5) << number;
    if (found.lost != nullptr) {
      ASSERT_EQ(found.lost, &recording->lost()[in_2 ? 0 : 1]);
      continue;
    }
    ASSERT_EQ(readable[found.seq].ns, damaged.events[number].ns) << number;
    ASSERT_EQ(stretches.number_of(found.seq), number);
  }
  EXPECT_EQ(stretches.with_start_of(2), &recording->lost()[0]);
  EXPECT_EQ(stretches.with_start_of(5), &recording->lost()[1]);
  EXPECT_EQ(stretches.with_start_of(77), nullptr);
}

// The times are scaled to seconds, so that the recording has several index parts.
TEST(LostStretch, IsTheSameForBothWaysOfOpening) {
  auto events = generate_session({.seed = 21, .cycles = 8, .ops = 1500, .handover = Handover::kChunked});
  for (Event& event : events) event.ns *= 2000;
  const std::string path = temp_path("killed_index.mcap");
  record_by_cycle(path, events, Ending::kKilled);
  damage_chunk(path, chunk_middles(slurp(path)).size() - 1);
  auto whole = Recording::open(path), indexed = Recording::open(path, OpenBy::kIndex);
  ASSERT_TRUE(whole && indexed);
  ASSERT_EQ((*whole)->lost().size(), (*indexed)->lost().size());
  for (size_t i = 0; i < (*whole)->lost().size(); ++i) {
    EXPECT_EQ((*whole)->lost()[i].from_ns, (*indexed)->lost()[i].from_ns);
    EXPECT_EQ((*whole)->lost()[i].events, (*indexed)->lost()[i].events);
    EXPECT_EQ((*whole)->lost()[i].first_cycle, (*indexed)->lost()[i].first_cycle);
  }
}

TEST(LostStretch, IsAbsentInAnUndamagedRecording) {
  const Damaged damaged("whole.mcap", Ending::kFinished, {});
  EXPECT_TRUE(damaged.open()->lost().empty());
}

TEST(Recording, StaysFinishedWithBytesAppended) {
  const auto events = generate_session({.seed = 22});
  const std::string path = temp_path("appended.mcap");
  record(path, events);
  const std::string whole = slurp(path);
  for (const std::string& tail : {std::string("x"), std::string(100'000, '\0'), whole}) {
    spill(path, whole + tail);
    for (const OpenBy by : {OpenBy::kReadingAll, OpenBy::kIndex}) {
      auto recording = Recording::open(path, by);
      ASSERT_TRUE(recording) << recording.error().message;
      EXPECT_TRUE((*recording)->complete());
      EXPECT_EQ((*recording)->trailing_bytes(), tail.size());
      EXPECT_EQ((*recording)->dropped_bytes(), 0u);
      EXPECT_EQ((*recording)->extent().end_seq, events.size());
    }
    const auto report = check_recording(path);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->sound() && report->complete);
    EXPECT_EQ(report->trailing_bytes, tail.size());
  }
  spill(path, std::string_view(whole).substr(0, whole.size() - 1));
  EXPECT_FALSE((*Recording::open(path))->complete());
}

TEST(CheckRecording, CanBeCancelled) {
  const std::string path = temp_path("stop.mcap");
  record(path, generate_session({.seed = 23}));
  double reached = 0;
  const auto report = check_recording(path, [&](double share) { return (reached = share) < 0.5; });
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("cancelled"));
  EXPECT_GE(reached, 0.5) << "the progress of opening ends at half";
  EXPECT_LT(reached, 1);
}

}  // namespace
}  // namespace sweepscope::telemetry
