// A recorded session comes back as it was, whatever happened to the recorder or to the file.
#include "telemetry/store/recording.h"

#include <random>

#include "telemetry/store/check_recording.h"
#include "telemetry/store/keyframe.h"
#include "tests/telemetry/store/record.h"

namespace sweepscope::telemetry {
namespace {

using namespace sweepscope::testing;

uint64_t play_hash(std::span<const Event> events) {
  Replica replica;
  for (const Event& event : events) replica.apply(event);
  return replica.hash();
}

TEST(Keyframe, GivesBackTheWholePicture) {
  for (Handover handover : {Handover::kInOrder, Handover::kChunked}) {
    const auto events = generate_session({.seed = 3, .handover = handover});
    Replica replica;
    size_t i = 0;
    for (const Event& event : events) {
      replica.apply(event);
      if (++i % 97 != 0 || !replica.settled()) continue;
      Replica again;
      const auto decoded = decode_keyframe(encode_keyframe(replica), again);
      ASSERT_TRUE(decoded) << decoded.error().message;
      ASSERT_EQ(again.hash(), replica.hash()) << "after event " << i;
      ASSERT_EQ(again.census().spans, replica.census().spans);
      ASSERT_EQ(again.census().free_pages, replica.census().free_pages);
      for (size_t k = i; k < events.size(); ++k) ASSERT_FALSE(again.apply(events[k])) << "event " << k;
    }
  }
}

TEST(Keyframe, RefusesDamageWithOneLine) {
  Replica replica;
  for (const Event& event : generate_session({.seed = 3, .span_limit = 40, .cycles = 2}))
    replica.apply(event);
  const std::string good = encode_keyframe(replica);
  std::mt19937_64 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
    if (i % 3 == 0) bad.resize(random() % bad.size());
    Replica again;
    if (const auto decoded = decode_keyframe(bad, again); !decoded) {
      EXPECT_EQ(decoded.error().message.find('\n'), std::string::npos);
    }
  }
}

TEST(Recording, GivesBackEveryEventAndTheSession) {
  const auto events = generate_session({.seed = 5, .cycles = 6});
  const std::string path = temp_path("round.mcap");
  record(path, events);
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_TRUE((*recording)->complete());
  EXPECT_EQ((*recording)->info().workload, "model");
  EXPECT_EQ((*recording)->extent().end_seq, events.size());
  EXPECT_EQ((*recording)->marks().cycles.size(), 6u);
  EXPECT_TRUE((*recording)->losses().empty());
  std::vector<Event> again;
  ASSERT_EQ(*(*recording)->read(0, events.size() + 10, again), events.size());
  EXPECT_EQ(play_hash(again), play_hash(events));
  EXPECT_EQ(encode_batch(again, 0, 0), encode_batch(events, 0, 0));
}

TEST(Recording, SeeksToTheStateThatPlayingReaches) {
  const auto events = generate_session({.seed = 6, .cycles = 8, .ops = 1500, .handover = Handover::kChunked});
  const std::string path = temp_path("seek.mcap");
  record(path, events, 100);
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording);
  EXPECT_GT((*recording)->keyframes(), 0u);
  std::mt19937_64 random(7);
  std::vector<uint64_t> places{0, 1, events.size() - 1, events.size()};
  for (int i = 0; i < 200; ++i) places.push_back(random() % events.size());
  for (uint64_t seq : places) {
    Replica replica;
    ASSERT_TRUE((*recording)->seek(seq, replica));
    ASSERT_EQ(replica.hash(), play_hash({events.data(), seq})) << "seq " << seq;
  }
}

TEST(Recording, FindsTheFirstEventAtATime) {
  const auto events = generate_session({.seed = 6});
  const std::string path = temp_path("time.mcap");
  record(path, events, 77);
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording);
  for (size_t i = 0; i < events.size(); i += 41) EXPECT_EQ((*recording)->seq_at(events[i].ns), i);
  EXPECT_EQ((*recording)->seq_at(0), 0u);
  EXPECT_EQ((*recording)->seq_at(INT64_MAX), events.size());
}

TEST(Recording, OfAKilledRecorderReadsBackToItsLastChunk) {
  const auto events = generate_session({.seed = 8});
  const std::string path = temp_path("killed.mcap");
  record(path, events, 200, Ending::kKilled);
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_FALSE((*recording)->complete());
  EXPECT_EQ((*recording)->extent().end_seq, events.size());
  const auto report = check_recording(path);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->sound());
}

TEST(Recording, OpensOrSaysWhyWhereverItIsCutOff) {
  const auto events = generate_session({.seed = 9, .procs = 2, .span_limit = 10, .cycles = 1, .ops = 30});
  const std::string path = temp_path("cut.mcap"), cut = temp_path("cut2.mcap");
  record(path, events, 20);
  // Where the interesting bytes are: from the first chunk on every one, in the long schemas before it every 97th.
  const std::string whole = slurp(path);
  const size_t data = whole.find(std::string("\x06", 1), whole.rfind("/gc/metrics", whole.size() / 2));
  uint64_t least = events.size();
  spill(cut, whole);
  for (size_t size = whole.size() - 1; size > 0; size -= size > data || size < 64 ? 1 : std::min<size_t>(97, size - 1)) {
    std::filesystem::resize_file(cut, size);
    auto recording = Recording::open(cut);
    if (!recording) {
      ASSERT_FALSE(recording.error().message.empty());
      ASSERT_EQ(recording.error().message.find('\n'), std::string::npos);
      continue;
    }
    ASSERT_FALSE((*recording)->complete());
    ASSERT_LE((*recording)->extent().end_seq, least) << "a shorter file told more";
    least = (*recording)->extent().end_seq;
    std::vector<Event> read;
    ASSERT_TRUE((*recording)->read(0, events.size(), read));
  }
  EXPECT_EQ(least, 0u);
}

TEST(Recording, SurvivesFlippedBits) {
  const auto events = generate_session({.seed = 9, .procs = 2, .span_limit = 30, .cycles = 2, .ops = 100});
  const std::string path = temp_path("flip.mcap"), bad = temp_path("flip2.mcap");
  record(path, events, 60);
  const std::string whole = slurp(path);
  std::mt19937_64 random(5);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes = whole;
    bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    spill(bad, bytes);
    auto recording = Recording::open(bad);
    if (!recording) continue;
    Replica replica;
    if (!(*recording)->seek((*recording)->extent().end_seq, replica)) continue;
  }
}

TEST(Recording, SkipsADamagedChunkAndCountsIt) {
  const auto events = generate_session({.seed = 10, .cycles = 6, .ops = 600});
  const std::string path = temp_path("damaged.mcap");
  record(path, events, 200);
  std::string bytes = slurp(path);
  bytes[bytes.size() / 3] ^= 0x40;
  spill(path, bytes);
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_EQ((*recording)->damaged_chunks(), 1u);
  ASSERT_EQ((*recording)->losses().size(), 1u);
  EXPECT_EQ((*recording)->losses()[0].count + (*recording)->extent().end_seq, events.size());
  const auto report = check_recording(path);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->damaged_chunks, 1u);
  EXPECT_EQ(report->refusal_count, 0u) << report->refusals[0].refusal.sentence;
}

TEST(CheckRecording, NamesTheEventThatBrokeARule) {
  auto events = generate_session({.seed = 11});
  size_t bent = events.size();
  for (size_t i = 100; i < events.size() && bent == events.size(); ++i)
    if (auto* t = std::get_if<Transition>(&events[i].body); t != nullptr && t->arc == Arc::kT6) {
      t->from += 1;
      bent = i;
    }
  const std::string path = temp_path("bent.mcap");
  record(path, events);
  const auto report = check_recording(path);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->events, events.size());
  EXPECT_EQ(report->cycles, 4u);
  ASSERT_EQ(report->refusal_count, 1u);
  EXPECT_EQ(report->refusals[0].seq, bent);
  EXPECT_EQ(report->refusals[0].refusal.rule, "T6");
}

TEST(Recorder, SaysWhyItCannotWrite) {
  EXPECT_NE(Recorder::create("/nowhere/at/all.mcap", {}).error().message.find("No such file"),
            std::string::npos);
  const auto full = Recorder::create("/dev/full", {});
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().message.find("No space left"), std::string::npos);
}

TEST(Recording, RefusesWhatIsNone) {
  const std::string path = temp_path("none.mcap");
  spill(path, "hello, world: this is no recording");
  EXPECT_NE(Recording::open(path).error().message.find("not a recording"), std::string::npos);
  EXPECT_NE(Recording::open("/nowhere.mcap").error().message.find("No such file"), std::string::npos);
  EXPECT_NE(Recording::open("/tmp").error().message.find("not a file"), std::string::npos);
}

}  // namespace
}  // namespace sweepscope::telemetry
