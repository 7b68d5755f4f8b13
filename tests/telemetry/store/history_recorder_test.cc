// A flight ring written into a file: from its first state on, with later events.
#include "telemetry/store/history_recorder.h"

#include "telemetry/store/check_recording.h"
#include "telemetry/store/recording.h"
#include "tests/telemetry/store/record.h"

namespace sweepscope::telemetry {
namespace {

using namespace sweepscope::testing;

void append(History& history, std::span<const Event> events) {
  for (size_t at = 0; at < events.size(); at += 1000)
    history.append(events.subspan(at, std::min<size_t>(1000, events.size() - at)));
}

void take_all(HistoryRecorder& recorder, History& history, size_t max = 3000) {
  while (recorder.take(history, max, history.extent().end_seq)) recorder.write();
}

TEST(HistoryRecorder, WritesTheRingAndLaterEvents) {
  const auto events = generate_session({.seed = 4, .cycles = 60, .ops = 8000});
  History history(4 << 20);
  const size_t half = events.size() / 2;
  append(history, std::span(events).first(half));
  const uint64_t first = history.extent().first_seq;
  ASSERT_GT(first, 0u) << "the ring must have dropped events";
  const std::string path = temp_path("ring.mcap");
  auto recorder = HistoryRecorder::create(path, history);
  ASSERT_TRUE(recorder) << recorder.error().message;
  take_all(**recorder, history);
  append(history, std::span(events).subspan(half));
  take_all(**recorder, history);
  ASSERT_TRUE((*recorder)->finish());
  EXPECT_EQ((*recorder)->events(), events.size() - first);

  const auto report = check_recording(path);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->sound()) << report->refusals[0].refusal.sentence;
  EXPECT_EQ(report->lost, 0u);
  EXPECT_EQ(report->events, events.size() - first);
  EXPECT_EQ(report->final_hash, history.now().hash());
  for (OpenBy by : {OpenBy::kReadingAll, OpenBy::kIndex}) {
    auto recording = Recording::open(path, by);
    ASSERT_TRUE(recording);
    for (uint64_t seq : {first, first + 5000, static_cast<uint64_t>(events.size())}) {
      Replica sought, in_ring;
      ASSERT_TRUE((*recording)->seek(seq - first, sought));
      if (seq < history.extent().first_seq) continue;
      ASSERT_TRUE(history.seek(seq, in_ring));
      EXPECT_EQ(sought.hash(), in_ring.hash()) << "event " << seq;
    }
  }
}

TEST(HistoryRecorder, MakesTheRingKeepEventsNotYetTaken) {
  const auto events = generate_session({.seed = 4, .cycles = 30, .ops = 8000});
  History history(2 << 20);
  append(history, std::span(events).first(20'000));
  const uint64_t first = history.extent().first_seq;
  auto recorder = HistoryRecorder::create(temp_path("pinned.mcap"), history);
  ASSERT_TRUE(recorder);
  for (size_t at = 20'000; at + 1000 < events.size() && history.bytes() < size_t{3} << 20; at += 1000)
    history.append(std::span(events).subspan(at, 1000));
  ASSERT_GT(history.bytes(), size_t{2} << 20);
  EXPECT_EQ(history.extent().first_seq, first);
  take_all(**recorder, history);
  history.append(std::span(events).first(0));
  EXPECT_LE(history.bytes(), size_t{2} << 20);
}

TEST(HistoryRecorder, ReportsEventsDroppedBeforeTheyWereTakenAsALoss) {
  const auto events = generate_session({.seed = 4, .cycles = 60, .ops = 8000});
  History history(2 << 20);
  const size_t half = events.size() / 2;
  append(history, std::span(events).first(half));
  const std::string path = temp_path("behind.mcap");
  auto recorder = HistoryRecorder::create(path, history);
  ASSERT_TRUE(recorder);
  while ((*recorder)->take(history, 1000, half - 5000)) (*recorder)->write();
  append(history, std::span(events).subspan(half));
  const uint64_t dropped = history.extent().first_seq - (*recorder)->next_seq();
  ASSERT_GT(history.extent().first_seq, (*recorder)->next_seq());
  take_all(**recorder, history);
  ASSERT_TRUE((*recorder)->finish());
  const auto report = check_recording(path);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->sound()) << report->refusals[0].refusal.sentence;
  EXPECT_EQ(report->lost, dropped);
  EXPECT_EQ(report->final_hash, history.now().hash());
}

TEST(HistoryRecorder, WritesTheGapAfterAHeldMomentAsALoss) {
  const auto events = generate_session({.seed = 4, .cycles = 80, .ops = 8000});
  History history(6 << 20, 4 << 20);
  append(history, std::span(events).first(30'000));
  history.hold(25'000);
  append(history, std::span(events).subspan(30'000));
  const auto gap = history.gap();
  ASSERT_TRUE(gap);
  const uint64_t first = history.extent().first_seq;
  ASSERT_LT(first, 25'000u);
  const std::string path = temp_path("held.mcap");
  auto recorder = HistoryRecorder::create(path, history);
  ASSERT_TRUE(recorder);
  take_all(**recorder, history);
  ASSERT_TRUE((*recorder)->finish());
  const auto report = check_recording(path);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->sound()) << report->refusals[0].refusal.sentence;
  EXPECT_EQ(report->lost, gap->end_seq - gap->first_seq);
  EXPECT_EQ(report->events, events.size() - first - report->lost);
  EXPECT_EQ(report->final_hash, history.now().hash());
}

TEST(HistoryRecorder, KeepsThePlacesOfTheRingsLosses) {
  const auto events = generate_session({.seed = 4});
  History history;
  history.append(std::span(events).first(500));
  history.append(std::span(events).subspan(700), 200, "viewer too slow");
  const std::string path = temp_path("ring_loss.mcap");
  auto recorder = HistoryRecorder::create(path, history);
  ASSERT_TRUE(recorder);
  take_all(**recorder, history, 300);
  ASSERT_TRUE((*recorder)->finish());
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording);
  ASSERT_EQ((*recording)->losses().size(), 1u);
  EXPECT_EQ((*recording)->losses()[0].seq, 500u);
  EXPECT_EQ((*recording)->losses()[0].count, 200u);
}

}  // namespace
}  // namespace sweepscope::telemetry
