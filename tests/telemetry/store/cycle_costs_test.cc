// What cycles cost, from their events: sums, marks, recordings opened both ways, recordings of schema 2.
#include "telemetry/store/cycle_costs.h"

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/store/marks_builder.h"
#include "telemetry/store/mcap_writer.h"
#include "telemetry/store/recording.h"
#include "telemetry/store/topics.h"
#include "telemetry/wire/messages.h"
#include "tests/telemetry/store/record.h"

namespace sweepscope::telemetry {
namespace {

using namespace sweepscope::testing;

std::vector<Body> costs_of(uint32_t cycle) {
  return {MarkWork{cycle, MarkedBy::kDedicated, 100 + cycle, 1000},
          MarkWork{cycle, MarkedBy::kAssist, 10, 20},
          MarkShare{cycle, 260'000, 875'000, 5},
          AllocLatency{cycle, AllocPath::kFast, 400, 0, 0},
          AllocLatency{cycle, AllocPath::kGrow, 3, 90, 60 + cycle},
          AllocLatency{cycle, AllocPath::kGrow, 1, 0, 7}};  // a second event of a path adds to it
}

// A session of the model, whose cycles report their costs after they have begun to sweep.
std::vector<Event> session_with_costs(std::vector<Event> plain) {
  std::vector<Event> events;
  for (const Event& event : plain) {
    events.push_back(event);
    const auto* phase = std::get_if<PhaseChange>(&event.body);
    if (phase == nullptr || phase->phase != Phase::kOff) continue;
    for (const Body& body : costs_of(phase->cycle)) events.push_back({event.ns, event.stream, body});
  }
  return events;
}

auto tie(const CycleCosts& c) {
  std::vector<uint64_t> all{c.marked_cycles, c.utilisation, c.ratio, c.credit_bytes};
  for (const auto& kind : c.marking) all.insert(all.end(), {kind.ns, kind.bytes});
  for (const auto& path : c.allocations) all.insert(all.end(), {path.count, path.total_ns, path.max_ns});
  return all;
}

TEST(CycleCosts, AreTheSumsOfACyclesEvents) {
  MarksBuilder builder;
  uint64_t seq = 0;
  for (uint32_t cycle = 1; cycle <= 3; ++cycle)
    for (const Body& body : costs_of(cycle)) builder.add({10 * cycle, 1, body}, seq++);
  const std::vector<CostMark>& marks = builder.marks().costs;
  ASSERT_EQ(marks.size(), 3u);
  EXPECT_EQ(marks[1].seq, 6u);
  EXPECT_EQ(marks[1].ns, 20);
  EXPECT_EQ(marks[1].cycle, 2u);
  const CycleCosts& second = marks[1].costs;
  EXPECT_EQ(second.by(MarkedBy::kDedicated).ns, 102u);
  EXPECT_EQ(second.by(MarkedBy::kDedicated).bytes, 1000u);
  EXPECT_EQ(second.by(MarkedBy::kAssist).ns, 10u);
  EXPECT_EQ(second.by(MarkedBy::kIdle).ns, 0u);
  EXPECT_EQ(second.marked_cycles, 1u);
  EXPECT_EQ(second.credit_bytes, 5u);
  EXPECT_EQ(second.of(AllocPath::kFast).count, 400u);
  EXPECT_EQ(second.of(AllocPath::kGrow).count, 4u);
  EXPECT_EQ(second.of(AllocPath::kGrow).total_ns, 90u);
  EXPECT_EQ(second.of(AllocPath::kGrow).max_ns, 62u);
  CycleCosts sum;
  for (const CostMark& mark : marks) sum += mark.costs;
  EXPECT_EQ(sum.marked_cycles, 3u);
  EXPECT_EQ(sum.utilisation, 780'000u);
  EXPECT_EQ(sum.by(MarkedBy::kDedicated).ns, 306u);
  EXPECT_EQ(sum.of(AllocPath::kGrow).count, 12u);
  EXPECT_EQ(sum.of(AllocPath::kGrow).max_ns, 63u);
  builder.drop_before(6, 20);
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks[0].cycle, 2u);
}

TEST(CycleCosts, OfManyCyclesAreMergedAndNoneIsLost) {
  MarksBuilder builder;
  constexpr uint32_t kCycles = kMarkCap + 7;
  for (uint32_t cycle = 1; cycle <= kCycles; ++cycle) {
    builder.add({cycle, 1, MarkShare{cycle, 250'000, 0, 1}}, 2 * cycle);
    builder.add({cycle, 1, AllocLatency{cycle, AllocPath::kFast, 1, 0, 0}}, 2 * cycle + 1);
  }
  const std::vector<CostMark>& marks = builder.marks().costs;
  EXPECT_LT(marks.size(), kMarkCap);
  EXPECT_EQ(marks.back().cycle, kCycles);
  CycleCosts sum;
  for (const CostMark& mark : marks) sum += mark.costs;
  EXPECT_EQ(sum.marked_cycles, kCycles);
  EXPECT_EQ(sum.of(AllocPath::kFast).count, kCycles);
}

TEST(CycleCosts, AreEqualHoweverARecordingIsOpened) {
  const auto events = session_with_costs(generate_session({.seed = 8, .cycles = 6, .ops = 1500}));
  const std::string path = temp_path("costs.mcap");
  for (const Ending ending : {Ending::kFinished, Ending::kKilled}) {
    record(path, events, 100, ending);
    for (const OpenBy by : {OpenBy::kReadingAll, OpenBy::kIndex}) {
      auto recording = Recording::open(path, by);
      ASSERT_TRUE(recording) << recording.error().message;
      const std::vector<CostMark>& marks = (*recording)->marks().costs;
      ASSERT_EQ(marks.size(), 6u);
      for (const CostMark& mark : marks) {
        CycleCosts expected;
        for (const Body& body : costs_of(mark.cycle)) {
          if (const auto* work = std::get_if<MarkWork>(&body)) expected.add(*work);
          if (const auto* share = std::get_if<MarkShare>(&body)) expected.add(*share);
          if (const auto* latency = std::get_if<AllocLatency>(&body)) expected.add(*latency);
        }
        EXPECT_EQ(tie(mark.costs), tie(expected)) << "cycle " << mark.cycle;
        EXPECT_TRUE(std::holds_alternative<MarkWork>(events[mark.seq].body));
      }
    }
  }
}

TEST(CycleCosts, ChangeNothingInThePicture) {
  const auto plain = generate_session({.seed = 8, .handover = Handover::kChunked});
  Replica with, without;
  for (const Event& event : session_with_costs(plain)) ASSERT_FALSE(with.apply(event));
  for (const Event& event : plain) without.apply(event);
  EXPECT_EQ(with.hash(), without.hash());
  EXPECT_EQ(with.settled(), without.settled());
}

TEST(CycleCosts, ARecordingOfSchema2HasNoneAndPlays) {
  const auto events = generate_session({.seed = 8, .cycles = 3});
  const std::string path = temp_path("schema2.mcap");
  McapWriter writer;
  ASSERT_TRUE(writer.open(path));
  const uint16_t hello = writer.add_channel(topics::kHello, "sweepscope.v1.Hello", schema_descriptors()),
                 batch = writer.add_channel(topics::kBatch, "sweepscope.v1.Batch", schema_descriptors());
  v1::Hello message;
  ASSERT_TRUE(message.ParseFromString(encode_hello({})));
  message.set_schema_version(2);
  ASSERT_TRUE(writer.message(hello, 0, message.SerializeAsString()));
  // Batch.ReadsABatchOfSchema2: the kinds of schema 2 are written as they were.
  ASSERT_TRUE(writer.message(batch, 0, encode_batch(events, 0, 0)));
  ASSERT_TRUE(writer.finish());
  const auto recording = Recording::open(path);
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_EQ((*recording)->info().schema_version, 2u);
  EXPECT_EQ((*recording)->marks().cycles.size(), 3u);
  EXPECT_TRUE((*recording)->marks().costs.empty());
  std::vector<Event> again;
  ASSERT_EQ(*(*recording)->read(0, events.size() + 1, again), events.size());
  EXPECT_EQ(encode_batch(again, 0, 0), encode_batch(events, 0, 0));
}

}  // namespace
}  // namespace sweepscope::telemetry
