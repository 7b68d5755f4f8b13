#include "telemetry/wire/messages.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/wire/schema.h"
#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

using testing::RandomEvents;
using testing::test_seed;

Hello full_hello() {
  Hello hello;
  hello.info.program_version = "0.1.0";
  hello.info.engine_build = "laboratory";
  hello.info.workload = "idle_ps";
  hello.info.policy = "lazy";
  hello.info.command_line = "sweepctl run idle_ps";
  hello.info.environment_json = "{}";
  hello.info.seed = ~0ull;
  hello.info.procs = 4096;
  hello.info.threads = 2;
  hello.info.started_unix_ns = 1'700'000'000'000'000'000;
  hello.info.step_names = {{3, "sweepgen store"}, {9, "lock"}};
  hello.info.stream_names = {{1, "mutator 0"}};
  hello.info.check_names = {{4, "bad flushGen"}};
  hello.info.fault = "no-flush-barrier";
  hello.info.fault_text = "no for_each_p: idle Ps stay stale";
  hello.info.broken_rule = "I1";
  hello.info.broken_text = "mutator 1 allocates from a stale span";
  hello.granted = {ControlKind::kPause, ControlKind::kSetProcs};
  return hello;
}

TEST(Messages, HelloSurvivesARoundTrip) {
  const Hello hello = full_hello();
  const auto back = decode_hello(encode_hello(hello));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->info.schema_version, kSchemaVersion);
  EXPECT_EQ(back->info.program_version, hello.info.program_version);
  EXPECT_EQ(back->info.engine_build, hello.info.engine_build);
  EXPECT_EQ(back->info.workload, hello.info.workload);
  EXPECT_EQ(back->info.policy, hello.info.policy);
  EXPECT_EQ(back->info.command_line, hello.info.command_line);
  EXPECT_EQ(back->info.environment_json, hello.info.environment_json);
  EXPECT_EQ(back->info.seed, hello.info.seed);
  EXPECT_EQ(back->info.procs, hello.info.procs);
  EXPECT_EQ(back->info.threads, hello.info.threads);
  EXPECT_EQ(back->info.started_unix_ns, hello.info.started_unix_ns);
  EXPECT_EQ(back->info.step_names, hello.info.step_names);
  EXPECT_EQ(back->info.stream_names, hello.info.stream_names);
  EXPECT_EQ(back->info.check_names, hello.info.check_names);
  EXPECT_EQ(back->info.fault, hello.info.fault);
  EXPECT_EQ(back->info.fault_text, hello.info.fault_text);
  EXPECT_EQ(back->info.broken_rule, hello.info.broken_rule);
  EXPECT_EQ(back->info.broken_text, hello.info.broken_text);
  EXPECT_EQ(back->granted, hello.granted);
}

TEST(Messages, ReplacesInvalidUtf8InHello) {
  Hello hello;
  hello.info.command_line = "gr\xC3\xBC\xC3 \xFF \xE2\x82\xAC \xC0\x80 \xED\xA0\x80 \xF0\x9F\x98\x80 \xF5";
  const auto back = decode_hello(encode_hello(hello));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->info.command_line, "gr\xC3\xBC? ? \xE2\x82\xAC ?? ??? \xF0\x9F\x98\x80 ?");
}

TEST(Messages, AnotherSchemaVersionIsRefusedNamingTheOlderProgram) {
  v1::Hello message;
  message.set_schema_version(kSchemaVersion + 1);
  auto hello = decode_hello(message.SerializeAsString());
  ASSERT_FALSE(hello);
  EXPECT_EQ(hello.error().message,
            "the engine uses telemetry schema 4, this program schema 3: this program is older; use both from "
            "the same release");
  message.set_schema_version(0);
  hello = decode_hello(message.SerializeAsString());
  ASSERT_FALSE(hello);
  EXPECT_EQ(hello.error().message,
            "the engine uses telemetry schema 0, this program schema 3: the engine is older; use both from "
            "the same release");
}

TEST(Messages, AnotherSchemaVersionOfARecordingIsRefusedWithBothVersions) {
  for (const uint32_t version : {1u, 4u}) {  // 1: stopped marking in two stops, one inside the other
    v1::Hello message;
    message.set_schema_version(version);
    const auto hello = decode_hello(message.SerializeAsString(), HelloFrom::kRecording);
    ASSERT_FALSE(hello);
    EXPECT_EQ(hello.error().message,
              "the recording has telemetry schema " + std::to_string(version) +
                  ", this program reads schema 2 to 3: use the release that recorded it, or record again");
  }
}

TEST(Messages, TheSchemaBeforeIsRead) {
  v1::Hello message;
  message.set_schema_version(2);
  for (const HelloFrom from : {HelloFrom::kEngine, HelloFrom::kRecording}) {
    const auto hello = decode_hello(message.SerializeAsString(), from);
    ASSERT_TRUE(hello) << hello.error().message;
    EXPECT_EQ(hello->info.schema_version, 2u);
  }
}

TEST(Messages, OtherMessagesSurviveARoundTrip) {
  const auto snapshot = decode_snapshot(encode_snapshot({77, -5, "abc"}));
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(std::tuple(snapshot->next_seq, snapshot->ns, snapshot->keyframe), std::tuple(77u, -5, "abc"));
  const auto loss = decode_loss(encode_loss({1, 2, 3}));
  ASSERT_TRUE(loss);
  EXPECT_EQ(std::tuple(loss->first_seq, loss->events, loss->batches), std::tuple(1u, 2u, 3u));
  const auto bye = decode_bye(encode_bye({"done", 9}));
  ASSERT_TRUE(bye);
  EXPECT_EQ(std::tuple(bye->reason, bye->next_seq), std::tuple("done", 9u));
  const auto control = decode_control(encode_control({ControlKind::kSetGogc, -1}));
  ASSERT_TRUE(control);
  EXPECT_EQ(control->kind, ControlKind::kSetGogc);
  EXPECT_EQ(control->number, -1);
}

TEST(Messages, UnknownControlsAreRefused) {
  v1::Control message;
  message.set_kind(static_cast<v1::ControlKind>(99));
  EXPECT_EQ(decode_control(message.SerializeAsString()).error().message, "control 99 is unknown");
  EXPECT_FALSE(decode_control(""));
}

TEST(Messages, HandWrittenEnvelopesParseAsTheSchemaMessage) {
  v1::Envelope message;
  ASSERT_TRUE(message.ParseFromString(envelope(Content::kSnapshot, encode_snapshot({5, 6, ""}))));
  ASSERT_TRUE(message.has_snapshot());
  EXPECT_EQ(message.snapshot().next_seq(), 5u);
  EXPECT_EQ(message.snapshot().ns(), 6);
  const auto opened = open_envelope(message.SerializeAsString());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->content, Content::kSnapshot);
}

TEST(Messages, AnEnvelopeHoldsExactlyOneMessage) {
  EXPECT_FALSE(open_envelope(""));
  EXPECT_FALSE(open_envelope(envelope(Content::kBye, "") + envelope(Content::kBye, "")));
  EXPECT_FALSE(open_envelope(envelope(static_cast<Content>(10), "")));
  EXPECT_FALSE(open_envelope(envelope(Content::kBye, "abc").substr(0, 4)));
}

TEST(Messages, DescriptorsAreSelfContained) {
  google::protobuf::FileDescriptorSet set;
  ASSERT_TRUE(set.ParseFromString(schema_descriptors()));
  google::protobuf::DescriptorPool pool;
  for (const auto& file : set.file()) ASSERT_NE(pool.BuildFile(file), nullptr);
  EXPECT_NE(pool.FindMessageTypeByName("sweepscope.v1.Batch"), nullptr);
}

// Any bytes give a result or an error, never a crash (the sanitizer builds check that).
TEST(Messages, DamagedBytesGiveAResultOrAnError) {
  RandomEvents random(test_seed());
  const std::vector<std::string> good{encode_hello(full_hello()), encode_snapshot({1, 2, "xyz"}),
                                      encode_loss({1, 2, 3}), encode_bye({"done", 9}),
                                      encode_control({ControlKind::kGcNow, 0})};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good[random.below(good.size())];
    bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
    bytes.resize(random.below(4) == 0 ? random.below(bytes.size()) : bytes.size());
    (void)decode_hello(bytes);
    (void)decode_snapshot(bytes);
    (void)decode_loss(bytes);
    (void)decode_bye(bytes);
    (void)decode_control(bytes);
    (void)open_envelope(bytes);
  }
}

}  // namespace
}  // namespace sweepscope::telemetry
