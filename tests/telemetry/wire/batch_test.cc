#include "telemetry/wire/batch.h"

#include <gtest/gtest.h>

#include "telemetry/proto/sweepscope.pb.h"
#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

using testing::plausible_events;
using testing::RandomEvents;
using testing::same;
using testing::test_seed;

TEST(Batch, RandomEventsSurviveARoundTrip) {
  RandomEvents random(test_seed());
  for (int round = 0; round < 300; ++round) {
    const std::vector<Event> events = random.events(random.below(400));
    const uint64_t first = random.number<uint32_t>(), lost = random.number<uint64_t>();
    const std::string bytes = encode_batch(events, first, lost);
    std::vector<Event> back;
    const auto header = decode_batch(bytes, back);
    ASSERT_TRUE(header) << header.error().message << " in round " << round;
    EXPECT_EQ(header->first_seq, first);
    EXPECT_EQ(header->count, events.size());
    EXPECT_EQ(header->lost_before, lost);
    ASSERT_TRUE(same(events, back)) << "in round " << round;
  }
}

TEST(Batch, AReusedEncoderGivesTheSameBytes) {
  RandomEvents random(test_seed());
  BatchEncoder encoder;
  for (int round = 0; round < 20; ++round) {
    const std::vector<Event> events = random.events(random.below(4000));
    EXPECT_EQ(encoder.encode(events, 7, 0), encode_batch(events, 7, 0));
  }
}

TEST(Batch, DecodingAppends) {
  const std::vector<Event> events = plausible_events(100);
  std::vector<Event> out = plausible_events(3);
  ASSERT_TRUE(decode_batch(encode_batch(events, 0, 0), out));
  EXPECT_EQ(out.size(), 103u);
  EXPECT_TRUE(same(out[3], events[0]));
}

// The columns are written by hand: protobuf's parser and serializer must accept them.
TEST(Batch, IsTheMessageOfTheSchema) {
  RandomEvents random(test_seed());
  const std::vector<Event> events = random.events(2000);
  const std::string bytes = encode_batch(events, 5, 6);
  v1::Batch message;
  ASSERT_TRUE(message.ParseFromString(bytes));
  EXPECT_TRUE(message.GetReflection()->GetUnknownFields(message).empty());
  EXPECT_EQ(message.count(), 2000u);
  std::vector<Event> back;
  ASSERT_TRUE(decode_batch(message.SerializeAsString(), back));
  EXPECT_TRUE(same(events, back));
}

TEST(Batch, EncodesATransitionAsTheSchemaDefines) {
  const std::vector<Event> events{
      {1000, 4, Transition{9, 3, 20, 23, 17, 2, Arc::kT2, Cause::kRefill, ListMembership::kEmpty}},
      {1010, 4, Transition{7, 5, 18, 19, 0, kNoP, Arc::kT6, Cause::kBackground, ListMembership::kNone}}};
  v1::Batch message;
  ASSERT_TRUE(message.ParseFromString(encode_batch(events, 0, 0)));
  const auto& columns = message.transition();
  EXPECT_EQ(message.sweepgen_base(), 20u);
  ASSERT_EQ(columns.span_size(), 2);
  EXPECT_EQ(columns.span(0), 9);
  EXPECT_EQ(columns.span(1), -2);
  EXPECT_EQ(columns.what(0), 0u | 2 << 3 | 11 << 5);
  EXPECT_EQ(columns.what(1), 3u | 1 << 5);
  EXPECT_EQ(columns.from_slip_size(), 0);
  EXPECT_EQ(columns.to_slip_size(), 0);
  EXPECT_EQ(columns.p(0), 3u);
  EXPECT_EQ(columns.p(1), 0u);
  EXPECT_EQ(message.run_length(0), 2u);
  EXPECT_EQ(message.ns_delta(0), 10u);
}

TEST(Batch, AKindBeyondFourBitsTakesTheNextValueToo) {
  const MarkWork work{3, MarkedBy::kIdle, 5, 6};
  const std::vector<Event> events{{1, 4, work},
                                  {2, 4, work},
                                  {3, 4, work},
                                  {4, 4, Log{1, 2, 3, 4}},
                                  {5, 4, AllocLatency{3, AllocPath::kGrow, 1, 2, 2}}};
  v1::Batch message;
  ASSERT_TRUE(message.ParseFromString(encode_batch(events, 0, 0)));
  const auto& runs = message.kind_runs();
  EXPECT_EQ(std::vector<uint32_t>(runs.begin(), runs.end()), (std::vector<uint32_t>{2 << 4, 0, 14, 0, 2}));
  EXPECT_EQ(message.mark_work().by(2), uint32_t(v1::MARKED_BY_IDLE));
  EXPECT_EQ(message.alloc_latency().path(0), uint32_t(v1::ALLOC_PATH_GROW));
}

// As a recorder of schema 2 wrote it, byte by byte from the schema's text. Its kinds are written the same today.
TEST(Batch, ReadsABatchOfSchema2) {
  const unsigned char stored[] = {
      0x08, 7,    0x10, 3,    0x20, 0xD0, 0x0F, 0x28, 12,     // first_seq, count, base_ns 1000, sweepgen_base
      0x32, 3,    2,    14,   15,                             // kind_runs: one of each kind
      0x3A, 1,    4,    0x42, 1,    3,    0x52, 2,    10, 5,  // one run of stream 4, its ns_delta
      0x92, 0x01, 18,   0x0A, 1,    18,   0x12, 1,    2,  0x1A, 1,    40, 0x22, 1,    2,
      0x32, 1,    3,    0x3A, 1,    5,    0xF2, 0x01, 10, 0x0A, 1,    1,  0x12, 1,    2,
      0x1A, 2,    0xAC, 0x02, 0xFA, 0x01, 21,   0x0A, 1,  1,    0x12, 1,  2,    0x1A, 1,
      3,    0x22, 1,    4,    0x2A, 1,    5,    0x32, 1,  6,    0x3A, 1,  7};
  const std::string bytes(reinterpret_cast<const char*>(stored), sizeof stored);
  const std::vector<Event> events{{1000, 4, SpanAllocated{9, 1, 20, 2, 12, 2, 5}},
                                  {1010, 4, Log{1, 2, 300, 0}},
                                  {1015, 4, StepTaken{1, StepOp::kStore, 3, 4, 5, 6, 7}}};
  std::vector<Event> back;
  const auto header = decode_batch(bytes, back);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->first_seq, 7u);
  EXPECT_TRUE(same(events, back));
  EXPECT_EQ(encode_batch(events, 7, 0), bytes);
}

// Of a batch with one event of kind 18: its kind_runs are 0 and 2.
TEST(Batch, RefusesAnEscapeWithoutAKnownKind) {
  const std::string good =
      encode_batch(std::vector<Event>{{1, 4, AllocLatency{1, AllocPath::kFast, 9, 0, 0}}}, 0, 0);
  const std::string runs("\x32\x02\x00\x02", 4);
  const size_t at = good.find(runs);
  ASSERT_NE(at, std::string::npos);
  const auto refusal = [&](const std::string& values) {
    std::string bytes = good;
    bytes.replace(at, runs.size(), "\x32" + std::string(1, static_cast<char>(values.size())) + values);
    std::vector<Event> out;
    const auto header = decode_batch(bytes, out);
    EXPECT_EQ(out.size(), header ? header->count : 0u);
    return header ? std::string("accepted") : header.error().message;
  };
  const std::string escape(1, '\0');
  EXPECT_EQ(refusal(escape + '\x02'), "accepted");
  EXPECT_EQ(refusal(escape), "damaged batch: kind_runs ends inside an event kind");
  EXPECT_EQ(refusal(escape + '\x03'), "damaged batch: event kind 16 + 3 is unknown");
  // 2^64 - 14, which wraps around to kind 2; and a number that no 64 bits hold.
  EXPECT_EQ(refusal(escape + '\xF2' + std::string(8, '\xFF') + '\x01'),
            "damaged batch: event kind 16 + 18446744073709551602 is unknown");
  EXPECT_EQ(refusal(escape + std::string(10, '\xFF') + '\x01'),
            "damaged batch: kind_runs holds a number beyond 64 bits");
  EXPECT_EQ(refusal(escape + escape + escape), "damaged batch: kind_runs is truncated or too long");
  EXPECT_EQ(refusal(escape + '\x82'), "damaged batch: kind_runs is truncated or too long");
}

TEST(Batch, SkipsFieldsOfALaterSchema) {
  const std::vector<Event> events = plausible_events(50);
  std::string bytes = encode_batch(events, 0, 0);
  bytes += std::string(
      "\xFA\x3F\x03"
      "abc\xC0\x3E\x07",
      9);  // field 1023: three bytes; field 1000: a number
  std::vector<Event> back;
  ASSERT_TRUE(decode_batch(bytes, back));
  EXPECT_TRUE(same(events, back));
}

TEST(Batch, StaysSmall) {
  const std::vector<Event> events = plausible_events(kBatchEvents);
  const double bytes = static_cast<double>(encode_batch(events, 0, 0).size()) / kBatchEvents;
  std::cout << bytes << " bytes an event\n";
  EXPECT_LE(bytes, 7.0);
}

TEST(Batch, RefusesTooManyEventsBeforeAllocating) {
  v1::Batch message;
  message.set_count(kMaxBatchEvents + 1);
  message.add_kind_runs(1 | kMaxBatchEvents << 4);
  std::vector<Event> out;
  const auto header = decode_batch(message.SerializeAsString(), out);
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().message, "damaged batch: 1048577 events, the limit is 1048576");
  EXPECT_EQ(out.capacity(), 0u);
}

// Each case changes one field of a valid batch.
TEST(Batch, RefusesEachInvalidField) {
  const std::vector<Event> events{
      {1, 4, SpanAllocated{9, 3, 20, 23, 17, 2, 5}},
      {2, 4, Flush{1, FlushCause::kStw, 1, 2, 3, 4, 5}},
      {3, 4, Transition{9, 4, 20, 23, 17, 2, Arc::kT2, Cause::kRefill, ListMembership::kEmpty}}};
  v1::Batch good;
  ASSERT_TRUE(good.ParseFromString(encode_batch(events, 0, 0)));
  const auto refusal = [](const v1::Batch& message) {
    std::vector<Event> out;
    const auto header = decode_batch(message.SerializeAsString(), out);
    EXPECT_EQ(out.size(), header ? header->count : 0u);
    return header ? std::string("accepted") : header.error().message;
  };
  ASSERT_EQ(refusal(good), "accepted");
  v1::Batch bad = good;
  bad.set_count(4);
  EXPECT_EQ(refusal(bad), "damaged batch: kind_runs holds fewer events than the count");
  bad.set_count(1);
  EXPECT_NE(refusal(bad), "accepted");
  bad = good;
  bad.set_kind_runs(0, 0);  // an escape: the next value, 5, becomes a part of the kind
  EXPECT_EQ(refusal(bad), "damaged batch: event kind 16 + 5 is unknown");
  bad = good;
  bad.mutable_flush()->add_ns(3);
  EXPECT_EQ(refusal(bad), "damaged batch: a column of flush does not have one value per event");
  bad = good;
  bad.mutable_flush()->set_cause(0, 10);
  EXPECT_EQ(refusal(bad), "damaged batch: column 2 of flush holds a value out of range");
  bad = good;
  bad.mutable_flush()->set_p(0, 0x10000);
  EXPECT_EQ(refusal(bad), "damaged batch: column 1 of flush holds a value out of range");
  bad = good;
  bad.mutable_span_allocated()->set_span_class(0, kSpanClasses);
  EXPECT_EQ(refusal(bad), "damaged batch: column 7 of span_allocated holds a value out of range");
  bad = good;
  bad.mutable_transition()->set_what(0, 7);  // no such arc
  EXPECT_EQ(refusal(bad), "damaged batch: column 3 of transition holds a value out of range");
  bad.mutable_transition()->set_what(0, 13 << 5);  // no such cause
  EXPECT_EQ(refusal(bad), "damaged batch: column 3 of transition holds a value out of range");
  bad = good;
  bad.set_run_length(0, 4);
  EXPECT_EQ(refusal(bad), "damaged batch: the runs hold more events than the count");
  bad = good;
  bad.add_run_stream(1);
  EXPECT_EQ(refusal(bad), "damaged batch: the columns of times and streams differ in length");
  bad = good;
  bad.set_first_seq(~0ull);
  EXPECT_EQ(refusal(bad), "damaged batch: its sequence numbers overflow");
}

TEST(Batch, RefusesNumbersBeyond64Bits) {
  const std::vector<Event> events{{0, 0, Log{1, 2, 3, 4}}};
  std::string bytes = encode_batch(events, 0, 0);
  const std::string column = "\x1a\x01\x03";  // Log.a: one byte, 3
  const size_t at = bytes.find(column);
  ASSERT_NE(at, std::string::npos);
  const std::string longer = "\x1a\x0b\x83" + std::string(9, '\x80') + "\x01";
  bytes.replace(at, column.size(), longer);
  const size_t length = bytes.find("\xf2\x01");  // the columns of Log
  ASSERT_NE(length, std::string::npos);
  bytes[length + 2] = static_cast<char>(bytes[length + 2] + 10);
  std::vector<Event> out;
  const auto header = decode_batch(bytes, out);
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().message, "damaged batch: column 3 of log holds a value out of range");
}

// Protobuf allows both forms; a column that is not packed would be taken for absent and read as zeros.
TEST(Batch, RefusesColumnsThatAreNotPacked) {
  std::vector<Event> out;
  const auto header = decode_batch(encode_batch(plausible_events(5), 0, 0) + "\x50\x01", out);  // ns_delta: 1
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().message, "damaged batch: a column is not packed");
}

TEST(Batch, ATruncatedBatchIsRefusedOrDecodesConsistently) {
  RandomEvents random(test_seed());
  const std::string bytes = encode_batch(random.events(200), 0, 0);
  for (size_t length = 0; length < bytes.size(); ++length) {
    std::vector<Event> out;
    const auto header = decode_batch(std::string_view(bytes).substr(0, length), out);
    EXPECT_EQ(out.size(), header ? header->count : 0u);
  }
}

// A flipped bit may give a valid batch with other values, but never a read out of bounds (the sanitizer
// builds check that), and an accepted batch holds valid values: its events survive another round trip.
TEST(Batch, DamagedBytesNeverDecodeToInvalidEvents) {
  RandomEvents random(test_seed());
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::vector<Event> events = random.events(1 + random.below(40));
    std::string bytes = encode_batch(events, 0, 0);
    for (uint64_t flips = 1 + random.below(4); flips > 0; --flips) {
      const size_t at = random.below(bytes.size());
      if (random.below(10) == 0)
        bytes.erase(at, 1 + random.below(4));
      else if (random.below(10) == 0)
        bytes.insert(at, 1 + random.below(4), static_cast<char>(random.below(256)));
      else
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
      if (bytes.empty()) break;
    }
    std::vector<Event> out;
    const auto header = decode_batch(bytes, out);
    if (!header) {
      ++refused;
      ASSERT_TRUE(out.empty());
      ASSERT_EQ(header.error().message.rfind("damaged batch: ", 0), 0u);
      continue;
    }
    std::vector<Event> again;
    ASSERT_TRUE(decode_batch(encode_batch(out, 0, 0), again));
    ASSERT_TRUE(same(out, again)) << "in round " << round;
  }
  EXPECT_GT(refused, 5'000);
}

}  // namespace
}  // namespace sweepscope::telemetry
