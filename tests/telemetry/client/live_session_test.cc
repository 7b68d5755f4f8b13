#include "telemetry/client/live_session.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/transport/address.h"
#include "telemetry/wire/batch.h"
#include "telemetry/wire/schema.h"
#include "tests/telemetry/support/fake_session.h"
#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

using State = LiveSession::State;
using testing::numbered_events;
using testing::RandomEvents;
using testing::same;
using testing::test_seed;

// The test sends the engine's frames itself.
class LiveSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto fds = socket_pair();
    ASSERT_TRUE(fds);
    engine_.emplace(std::move(fds->first));
    auto live = LiveSession::connect("fd:" + std::to_string(fds->second.release()), 1 << 20);
    ASSERT_TRUE(live) << live.error().message;
    live_ = std::move(*live);
  }
  void send(Content content, std::string_view message) {
    ASSERT_TRUE(engine_->send_frame(envelope(content, message)));
  }
  void send_hello() {
    Hello hello;
    hello.info.workload = "played";
    hello.granted = {ControlKind::kPause};
    send(Content::kHello, encode_hello(hello));
  }
  void send_batch(uint64_t first_seq, size_t count, uint64_t lost_before = 0) {
    send(Content::kBatch, encode_batch(numbered_events(first_seq, count), first_seq, lost_before));
  }
  State wait_for_end() {
    while (live_->state() == State::kConnecting || live_->state() == State::kLive) std::this_thread::yield();
    return live_->state();
  }
  LiveSession::Stretch wait_for_stretch(std::vector<Event>& events, size_t max = 1 << 20) {
    for (;;) {
      auto stretch = live_->drain(events, max);
      if (!stretch.empty() || live_->drained()) return stretch;
      std::this_thread::yield();
    }
  }
  // Sends Bye and waits for it, so that the whole session is in the queue before the test drains it.
  void end_session() {
    send(Content::kBye, encode_bye({"over", 0}));
    EXPECT_EQ(wait_for_end(), State::kEnded);
    EXPECT_EQ(live_->message(), "over");
  }

  std::optional<Socket> engine_;
  std::unique_ptr<LiveSession> live_;
};

TEST_F(LiveSessionTest, StretchesBeginAtSnapshotsAndLosses) {
  EXPECT_EQ(live_->state(), State::kConnecting);
  send_hello();
  send(Content::kSnapshot, encode_snapshot({100, 5, "picture"}));
  send_batch(100, 10);
  send_batch(110, 10);
  send_batch(120, 10, 7);
  send(Content::kLoss, encode_loss({130, 50, 2}));
  send(Content::kSnapshot, encode_snapshot({180, 6, "later"}));
  send_batch(180, 5);
  end_session();
  EXPECT_EQ(live_->hello().info.workload, "played");
  EXPECT_EQ(live_->received(), 35u);

  std::vector<Event> events;
  auto stretch = live_->drain(events, 15);
  ASSERT_TRUE(stretch.snapshot);
  EXPECT_EQ(stretch.snapshot->keyframe, "picture");
  EXPECT_EQ(stretch.first_seq, 100u);
  EXPECT_EQ(stretch.events, 15u);
  stretch = live_->drain(events, 1000);
  EXPECT_FALSE(stretch.snapshot);
  EXPECT_EQ(stretch.lost_before, 0u);
  EXPECT_EQ(stretch.first_seq, 115u);
  EXPECT_EQ(stretch.events, 5u);
  stretch = live_->drain(events, 1000);
  EXPECT_EQ(stretch.lost_before, 7u);
  EXPECT_EQ(stretch.first_seq, 120u);
  EXPECT_EQ(stretch.events, 10u);
  EXPECT_FALSE(live_->drained());
  stretch = live_->drain(events, 1000);
  ASSERT_TRUE(stretch.snapshot);
  EXPECT_EQ(stretch.snapshot->keyframe, "later");
  EXPECT_EQ(stretch.first_seq, 180u);
  EXPECT_EQ(stretch.events, 5u);
  EXPECT_TRUE(live_->drain(events, 1000).empty());
  EXPECT_TRUE(live_->drained());

  ASSERT_EQ(events.size(), 35u);
  EXPECT_EQ(std::get<Log>(events[30].body).a, 180u);
  const auto losses = live_->losses();
  ASSERT_EQ(losses.size(), 2u);
  EXPECT_EQ(std::tuple(losses[0].seq, losses[0].count, losses[0].ns), std::tuple(120u, 7u, 120));
  EXPECT_EQ(std::tuple(losses[1].seq, losses[1].count, losses[1].ns), std::tuple(180u, 50u, 129));
  EXPECT_EQ(losses[1].why, "viewer too slow");
}

TEST_F(LiveSessionTest, ReportsALossAfterTheLastEvent) {
  send_hello();
  send(Content::kSnapshot, encode_snapshot({0, 0, ""}));
  send_batch(0, 3);
  send_batch(3, 0, 9);
  end_session();
  std::vector<Event> events;
  EXPECT_EQ(live_->drain(events, 100).events, 3u);
  const auto stretch = live_->drain(events, 100);
  EXPECT_EQ(stretch.lost_before, 9u);
  EXPECT_EQ(stretch.events, 0u);
}

TEST_F(LiveSessionTest, AnUndeclaredGapFailsTheSession) {
  send_hello();
  send(Content::kSnapshot, encode_snapshot({0, 0, ""}));
  send_batch(0, 3);
  send_batch(4, 3);
  EXPECT_EQ(wait_for_end(), State::kFailed);
  EXPECT_EQ(live_->message(), "the stream has a gap: received event 4, expected event 3");
}

TEST_F(LiveSessionTest, ABatchBeforeTheSnapshotFailsTheSession) {
  send_hello();
  send_batch(0, 3);
  EXPECT_EQ(wait_for_end(), State::kFailed);
  EXPECT_EQ(live_->message(), "the stream has a gap: received event 0, expected a snapshot");
}

TEST_F(LiveSessionTest, AnEngineOfAnotherReleaseGivesAClearError) {
  v1::Hello message;
  message.set_schema_version(kSchemaVersion + 1);
  send(Content::kHello, message.SerializeAsString());
  EXPECT_EQ(wait_for_end(), State::kFailed);
  EXPECT_EQ(live_->message(),
            "the engine uses telemetry schema 4, this program schema 3: this program is older; use both from "
            "the same release");
}

TEST_F(LiveSessionTest, AStreamWithoutHelloFails) {
  send_batch(0, 1);
  EXPECT_EQ(wait_for_end(), State::kFailed);
  EXPECT_EQ(live_->message(), "the stream does not begin with a Hello");
}

TEST_F(LiveSessionTest, AClosedConnectionFailsTheSessionAndKeepsReceivedEvents) {
  send_hello();
  send(Content::kSnapshot, encode_snapshot({0, 0, "p"}));
  send_batch(0, 3);
  engine_.reset();
  EXPECT_EQ(wait_for_end(), State::kFailed);
  EXPECT_EQ(live_->message(), "the engine closed the connection without ending the session");
  std::vector<Event> events;
  EXPECT_EQ(live_->drain(events, 100).events, 3u);
}

TEST_F(LiveSessionTest, DamagedBatchesFailTheSession) {
  send_hello();
  send(Content::kSnapshot, encode_snapshot({0, 0, ""}));
  send(Content::kBatch, "\x10\x05");
  EXPECT_EQ(wait_for_end(), State::kFailed);
  EXPECT_EQ(live_->message(), "damaged batch: kind_runs holds fewer events than the count");
}

TEST_F(LiveSessionTest, QueueIsBoundedWithoutLoss) {
  send_hello();
  send(Content::kSnapshot, encode_snapshot({0, 0, ""}));
  constexpr size_t kBatches = 200, kCount = 5000;  // 48 MB decoded, the queue holds 1 MiB
  std::thread sender([&] {
    for (size_t i = 0; i < kBatches; ++i) send_batch(i * kCount, kCount);
  });
  std::vector<Event> events;
  uint64_t total = 0;
  while (total < kBatches * kCount) {
    const uint64_t received = live_->received();
    EXPECT_LE(received - total, (1u << 20) / sizeof(Event) + 3 * kCount);
    events.clear();
    const auto stretch = wait_for_stretch(events, 7000);
    EXPECT_EQ(stretch.first_seq, total);
    total += stretch.events;
  }
  sender.join();
}

TEST_F(LiveSessionTest, DestructionDoesNotWaitForAFullQueue) {
  send_hello();
  send(Content::kSnapshot, encode_snapshot({0, 0, ""}));
  std::thread sender([&] {
    for (uint64_t seq = 0;
         engine_->send_frame(envelope(Content::kBatch, encode_batch(numbered_events(seq, 5000), seq, 0)));)
      seq += 5000;
  });
  while (live_->received() < 20'000) std::this_thread::yield();
  live_.reset();
  sender.join();
}

TEST_F(LiveSessionTest, SendsOnlyGrantedControls) {
  EXPECT_FALSE(live_->send({ControlKind::kPause, 0}));  // not live yet
  send_hello();
  while (live_->state() != State::kLive) std::this_thread::yield();
  EXPECT_FALSE(live_->send({ControlKind::kGcNow, 0}));
  ASSERT_TRUE(live_->send({ControlKind::kPause, 0}));
  const auto frame = engine_->receive_frame();
  ASSERT_TRUE(frame && *frame);
  const auto opened = open_envelope(**frame);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->content, Content::kControl);
  EXPECT_EQ(decode_control(opened->message)->kind, ControlKind::kPause);
}

// Any bytes from an engine end the session with a message, never with a crash or a hang.
TEST(LiveSession, SurvivesDamagedStreams) {
  RandomEvents random(test_seed());
  Hello hello;
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    const auto add = [&bytes](Content content, std::string_view message) {
      const std::string frame = envelope(content, message);
      bytes += frame_head(frame.size()) + frame;
    };
    add(Content::kHello, encode_hello(hello));
    add(Content::kSnapshot, encode_snapshot({0, 0, "picture"}));
    uint64_t seq = 0;
    for (int i = 0; i < 3; ++i) {
      const auto events = random.events(random.below(100));
      add(Content::kBatch, encode_batch(events, seq, 0));
      seq += events.size();
    }
    for (uint64_t flips = random.below(4); flips > 0; --flips) {
      const size_t at = random.below(bytes.size());
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    }
    auto fds = socket_pair();
    ASSERT_TRUE(fds);
    auto live = LiveSession::connect("fd:" + std::to_string(fds->second.release()));
    ASSERT_TRUE(live);
    {
      Socket engine(std::move(fds->first));
      std::string_view rest = bytes;
      while (!rest.empty()) {
        const ssize_t sent = ::send(engine.fd(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        rest.remove_prefix(static_cast<size_t>(sent));
      }
    }
    std::vector<Event> events;
    while (!(*live)->drained()) {
      if ((*live)->drain(events, 1 << 20).empty()) std::this_thread::yield();
    }
    EXPECT_FALSE((*live)->message().empty());
  }
}

}  // namespace
}  // namespace sweepscope::telemetry
