// A recorded session reads back unchanged, as far as the recorder and the file allow.
#include "telemetry/store/recording.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <random>

#include "telemetry/store/check_recording.h"
#include "telemetry/store/index_part.h"
#include "telemetry/store/keyframe.h"
#include "tests/support/rounds.h"
#include "tests/telemetry/store/record.h"

namespace sweepscope::telemetry {
namespace {

using namespace sweepscope::testing;

uint64_t play_hash(std::span<const Event> events) {
  Replica replica;
  for (const Event& event : events) replica.apply(event);
  return replica.hash();
}

TEST(Keyframe, RestoresTheWholePicture) {
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

TEST(Recording, StaysReadableWhenItsFileIsRecordedOver) {
  const auto events = generate_session({.seed = 5, .cycles = 6});
  const auto others = generate_session({.seed = 6, .cycles = 1});
  const std::string path = temp_path("over.mcap");
  record(path, events);
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording) << recording.error().message;
  record(path, others);
  std::vector<Event> again;
  ASSERT_EQ(*(*recording)->read(0, events.size() + 10, again), events.size());
  EXPECT_EQ(play_hash(again), play_hash(events));
  EXPECT_EQ((*Recording::open(path))->extent().end_seq, others.size());
}

TEST(Recording, RestoresEveryEventAndTheSession) {
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

// The events of a session that ends while one of them waits for an earlier event.
std::vector<Event> unsettled_session() {
  auto events = generate_session({.seed = 6, .cycles = 3, .ops = 1500, .handover = Handover::kChunked});
  Replica replica;
  size_t last = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    replica.apply(events[i]);
    if (!replica.settled()) last = i;
  }
  events.resize(last + 1);
  return events;
}

// The state at the end is that of `check`: what still waits is folded in if the file is finished.
TEST(Recording, SeeksToTheEndStateOfACheck) {
  const auto events = unsettled_session();
  const uint64_t waiting = play_hash(events);
  const std::string path = temp_path("unsettled.mcap");
  for (const Ending ending : {Ending::kFinished, Ending::kKilled}) {
    record(path, events, 100, ending);
    const auto report = check_recording(path);
    ASSERT_TRUE(report);
    ASSERT_EQ(report->events, events.size());
    for (const OpenBy by : {OpenBy::kReadingAll, OpenBy::kIndex}) {
      auto recording = Recording::open(path, by);
      ASSERT_TRUE(recording);
      Replica replica;
      ASSERT_TRUE((*recording)->seek(events.size(), replica));
      EXPECT_EQ(replica.hash(), report->final_hash);
      EXPECT_EQ(replica.settled(), ending == Ending::kFinished);
      EXPECT_EQ(replica.hash() == waiting, ending == Ending::kKilled);
      ASSERT_TRUE((*recording)->seek(events.size() - 1, replica));
      EXPECT_EQ(replica.hash(), play_hash({events.data(), events.size() - 1}));
    }
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

TEST(Recording, CutOffAnywhereOpensOrReportsWhy) {
  const auto events = generate_session({.seed = 9, .procs = 2, .span_limit = 10, .cycles = 1, .ops = 30});
  const std::string path = temp_path("cut.mcap"), cut = temp_path("cut2.mcap");
  record(path, events, 20);
  // Cuts at every 7th byte of the chunks (at every byte under the label long), and at every 97th of the
  // schemas before them.
  const size_t step = fuzz_rounds(1) > 1 ? 1 : 7;
  const std::string whole = slurp(path);
  const size_t data = whole.find(std::string("\x06", 1), whole.rfind("/gc/metrics", whole.size() / 2));
  uint64_t least = events.size();
  spill(cut, whole);
  for (size_t size = whole.size() - 1; size > 0; size -= size > data ? step
                                                         : size < 64 ? 1
                                                                     : std::min<size_t>(97, size - 1)) {
    std::filesystem::resize_file(cut, size);
    auto recording = Recording::open(cut);
    if (!recording) {
      ASSERT_FALSE(recording.error().message.empty());
      ASSERT_EQ(recording.error().message.find('\n'), std::string::npos);
      continue;
    }
    ASSERT_FALSE((*recording)->complete());
    ASSERT_LE((*recording)->extent().end_seq, least) << "a shorter file gave more events";
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
  for (int i = 0; i < fuzz_rounds(500); ++i) {
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
  bytes[bytes.size() / 2] ^= 0x40;  // in a chunk: the schema comes before them
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

// The extent, marks, losses and keyframes of a recording, as text.
std::string dump(Recording& recording) {
  std::string text = fmt::format("{} events, {} to {} ns\n", recording.extent().end_seq,
                                 recording.extent().first_ns, recording.extent().last_ns);
  const Marks& marks = recording.marks();
  for (const CycleMark& m : marks.cycles)
    text += fmt::format("cycle {} {} {} {}\n", m.seq, m.ns, m.cycle, m.sweepgen);
  for (const PhaseMark& m : marks.phases)
    text += fmt::format("phase {} {} {} {}\n", m.seq, m.ns, m.cycle, static_cast<int>(m.phase));
  for (const PauseMark& m : marks.pauses)
    text +=
        fmt::format("pause {} {} {} {} {} {} {} {} {} {}\n", m.seq, m.begin_ns, m.stopped_ns, m.released_ns,
                    m.started_ns, m.mark_begin_ns, m.mark_end_ns, m.flush_ns, m.cycle, m.spans_flushed);
  for (const FlushMark& m : marks.flushes)
    text += fmt::format("flush {} {} {} {} {} {}\n", m.seq, m.ns, m.p, static_cast<int>(m.cause), m.spans,
                        m.swept);
  for (const HeapPoint& m : marks.heap)
    text += fmt::format("heap {} {}\n", m.ns, m.live ? fmt::to_string(*m.live) : "unknown");
  for (const LimitMark& m : marks.limits) text += fmt::format("limits {} {} {}\n", m.ns, m.trigger, m.goal);
  for (const LossMark& m : recording.losses())
    text += fmt::format("loss {} {} {} {}\n", m.seq, m.ns, m.count, m.why);
  for (size_t i = 0; i < recording.keyframes(); ++i)
    text += fmt::format("keyframe {} {}\n", recording.keyframe_seq(i), recording.keyframe_losses(i));
  return text;
}

// A session long enough for several index parts: its times are scaled to seconds.
std::vector<Event> long_session(uint64_t seed) {
  auto events = generate_session({.seed = seed, .cycles = 8, .ops = 1500, .handover = Handover::kChunked});
  int64_t last = 1;
  for (const Event& event : events) last = std::max(last, event.ns);
  for (Event& event : events) event.ns = event.ns * 6 * (1'000'000'000 / last);
  return events;
}

TEST(Recording, GivesTheSameForBothWaysOfOpening) {
  const auto events = long_session(12);
  const std::string path = temp_path("indexed.mcap");
  for (Ending ending : {Ending::kFinished, Ending::kKilled}) {
    record(path, events, 100, ending);
    auto whole = Recording::open(path), indexed = Recording::open(path, OpenBy::kIndex);
    ASSERT_TRUE(whole && indexed);
    EXPECT_GT((*whole)->keyframes(), 3u);
    EXPECT_EQ(dump(**indexed), dump(**whole));
    EXPECT_EQ((*indexed)->info().workload, "model");
    for (uint64_t seq = 0; seq <= events.size(); seq += 997) {
      Replica replica;
      ASSERT_TRUE((*indexed)->seek(seq, replica));
      ASSERT_EQ(replica.hash(), play_hash({events.data(), seq})) << "seq " << seq;
    }
  }
}

TEST(Recording, OpeningByIndexDoesNotReadIndexedChunks) {
  const auto events = long_session(13);
  const std::string path = temp_path("unread.mcap");
  record(path, events, 100);
  int chunks_read_all = 0, chunks_read_by_index = 0;
  ASSERT_TRUE(Recording::open(path, OpenBy::kReadingAll, [&](double) { return ++chunks_read_all > 0; }));
  ASSERT_TRUE(Recording::open(path, OpenBy::kIndex, [&](double) { return ++chunks_read_by_index > 0; }));
  EXPECT_GT(chunks_read_all, 20);
  EXPECT_EQ(chunks_read_by_index, 1);  // the one with Hello
}

TEST(Recording, OpeningCanBeCancelled) {
  const std::string path = temp_path("cancel.mcap");
  record(path, long_session(13), 100);
  double reached = 0;
  const auto opened =
      Recording::open(path, OpenBy::kReadingAll, [&](double share) { return (reached = share) < 0.5; });
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("cancelled"), std::string::npos);
  EXPECT_LT(reached, 0.6);
}

TEST(Recording, ReadingDetectsADamagedIndexedChunk) {
  const auto events = long_session(14);
  const std::string path = temp_path("index_damaged.mcap");
  record(path, events, 100);
  std::string bytes = slurp(path);
  bytes[bytes.size() / 2] ^= 0x40;
  spill(path, bytes);
  auto whole = Recording::open(path);
  ASSERT_TRUE(whole);
  ASSERT_EQ((*whole)->damaged_chunks(), 1u);
  auto indexed = Recording::open(path, OpenBy::kIndex);
  ASSERT_TRUE(indexed) << indexed.error().message;
  EXPECT_FALSE((*indexed)->is_damaged());
  std::vector<Event> out;
  EXPECT_FALSE((*indexed)->read(0, events.size(), out));
  EXPECT_TRUE((*indexed)->is_damaged());
}

TEST(Recording, OpenedByItsIndexSurvivesFlippedBitsAndCuts) {
  const auto events = long_session(15);
  const std::string path = temp_path("index_flip.mcap"), bad = temp_path("index_flip2.mcap");
  record(path, events, 500);
  const std::string whole = slurp(path);
  std::mt19937_64 random(5);
  for (int i = 0; i < fuzz_rounds(300); ++i) {
    std::string bytes = whole;
    bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    if (i % 3 == 0) bytes.resize(random() % bytes.size());
    spill(bad, bytes);
    auto recording = Recording::open(bad, OpenBy::kIndex);
    if (!recording) continue;
    ASSERT_LE((*recording)->extent().end_seq, events.size());
    Replica replica;
    if (!(*recording)->seek((*recording)->extent().end_seq, replica)) continue;
  }
}

TEST(Index, RefusesDamageWithOneLine) {
  IndexPart part;
  part.first_chunk = 3;
  part.chunks = 2;
  part.batches = {{3, 0, 10, 100, 0, 5, 9}, {4, 1, 20, 110, 7, 6, 30}};
  part.keyframes = {{3, 1, 1}};
  part.marks = {Event{7, 1, Turn{1, 2, 4, 5, 6}}};
  part.mark_places = {29};
  const std::string good = encode_index(part);
  const auto again = decode_index(good);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(encode_index(*again), good);
  part.mark_places = {30};
  EXPECT_FALSE(decode_index(encode_index(part)));
  std::mt19937_64 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
    if (i % 3 == 0) bad.resize(random() % bad.size());
    if (const auto decoded = decode_index(bad); !decoded) {
      EXPECT_EQ(decoded.error().message.find('\n'), std::string::npos);
    }
  }
}

TEST(CheckRecording, NamesTheEventThatBreaksARule) {
  auto events = generate_session({.seed = 11});
  size_t corrupted = events.size();
  for (size_t i = 100; i < events.size() && corrupted == events.size(); ++i)
    if (auto* t = std::get_if<Transition>(&events[i].body); t != nullptr && t->arc == Arc::kT6) {
      t->from += 1;
      corrupted = i;
    }
  const std::string path = temp_path("corrupted.mcap");
  record(path, events);
  const auto report = check_recording(path);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->events, events.size());
  EXPECT_EQ(report->cycles, 4u);
  ASSERT_EQ(report->refusal_count, 1u);
  EXPECT_EQ(report->refusals[0].seq, corrupted);
  EXPECT_EQ(report->refusals[0].refusal.rule, "T6");
}

TEST(Recorder, ReportsWhyItCannotWrite) {
  EXPECT_NE(Recorder::create("/nowhere/at/all.mcap", {}).error().message.find("No such file"),
            std::string::npos);
  const auto full = Recorder::create("/dev/full", {});
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().message.find("No space left"), std::string::npos);
}

// Limits the size of files: writes beyond it fail as on a full disk.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    old_action_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_action_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit old_limit_{};
  void (*old_action_)(int) = nullptr;
};

TEST(Recorder, ReportsAFullDiskAtOnceAndKeepsWholeChunks) {
  const auto events = generate_session({.seed = 24, .cycles = 20, .ops = 2000});
  const std::string path = temp_path("full.mcap");
  auto recorder = Recorder::create(path, {});
  ASSERT_TRUE(recorder) << recorder.error().message;
  std::vector<std::string> reports;
  Recorder::Kept kept;
  (*recorder)->on_error([&](const Error& error, const Recorder::Kept& what) {
    reports.push_back(error.message);
    kept = what;
  });
  {
    const SizeLimit limit((*recorder)->bytes() + 30'000);
    for (size_t at = 0; at < events.size(); at += 500) {
      const auto part = std::span(events).subspan(at, std::min<size_t>(500, events.size() - at));
      (*recorder)->consume({at, static_cast<uint32_t>(part.size()), 0, encode_batch(part, at, 0), part});
      (*recorder)->drain();
      if (reports.empty()) continue;
      EXPECT_EQ(kept.events, at) << "all events before the batch that did not fit are kept";
      break;
    }
    EXPECT_FALSE((*recorder)->finish());
  }
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_NE(reports[0].find("File too large"), std::string::npos) << reports[0];
  EXPECT_NE(reports[0].find(path), std::string::npos) << reports[0];
  EXPECT_GT(kept.events, 0u);
  EXPECT_EQ(kept.bytes, std::filesystem::file_size(path));
  auto recording = Recording::open(path);
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_FALSE((*recording)->complete());
  EXPECT_EQ((*recording)->extent().end_seq, kept.events);
  EXPECT_EQ((*recording)->dropped_bytes(), 0u);
}

TEST(Recording, RefusesAPipeWithoutWaitingForIt) {
  const std::string path = temp_path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_NE(Recording::open(path).error().message.find("a pipe, not a recording"), std::string::npos);
}

TEST(Recording, RefusesOtherFiles) {
  const std::string path = temp_path("none.mcap");
  spill(path, "hello, world: this is no recording");
  EXPECT_NE(Recording::open(path).error().message.find("not a recording"), std::string::npos);
  EXPECT_NE(Recording::open("/nowhere.mcap").error().message.find("No such file"), std::string::npos);
  EXPECT_NE(Recording::open("/tmp").error().message.find("a directory"), std::string::npos);
}

}  // namespace
}  // namespace sweepscope::telemetry
