#include "telemetry/server/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "telemetry/client/live_session.h"
#include "telemetry/server/viewer.h"
#include "telemetry/transport/address.h"
#include "tests/telemetry/support/fake_session.h"
#include "tests/telemetry/support/private_directory.h"
#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

using testing::FakeSession;
using testing::numbered_events;
using testing::PrivateDirectory;

class ServerTest : public ::testing::Test {
 protected:
  ServerOptions options() {
    ServerOptions o;
    o.address = address_;
    o.hello.info.workload = "test";
    o.with_snapshot = [this](const auto& use) { session_.with_snapshot(use); };
    return o;
  }
  std::unique_ptr<Server> start(ServerOptions o) {
    auto server = Server::start(std::move(o));
    EXPECT_TRUE(server) << server.error().message;
    return std::move(*server);
  }
  // A viewer that sends and receives raw frames, also those that a LiveSession never sends.
  Socket raw_viewer() {
    auto fd = connect_to(address_);
    EXPECT_TRUE(fd) << fd.error().message;
    return Socket(std::move(*fd));
  }
  static Envelope next(Socket& socket, std::string& frame) {
    auto received = socket.receive_frame();
    EXPECT_TRUE(received && *received);
    frame = received && *received ? **received : std::string();
    const auto opened = open_envelope(frame);
    EXPECT_TRUE(opened);
    return opened ? *opened : Envelope{};
  }
  static Content next_content(Socket& socket) {
    std::string frame;
    return next(socket, frame).content;
  }

  PrivateDirectory directory_;
  std::string address_ = directory_ / "live.sock";
  FakeSession session_;
};

// Waits until the viewer has its snapshot: it then gets every batch.
void wait_for_snapshot(LiveSession& live) {
  std::vector<Event> none;
  while (!live.drain(none, 0).snapshot && !live.drained()) std::this_thread::yield();
}

TEST_F(ServerTest, AViewerGetsHelloThenTheSnapshotThenExactlyTheBatchesAfterIt) {
  auto server = start(options());
  session_.give(*server, numbered_events(0, 10));
  Socket viewer = raw_viewer();
  std::string frame;
  Envelope envelope = next(viewer, frame);
  ASSERT_EQ(envelope.content, Content::kHello);
  EXPECT_EQ(decode_hello(envelope.message)->info.workload, "test");
  envelope = next(viewer, frame);
  ASSERT_EQ(envelope.content, Content::kSnapshot);
  EXPECT_EQ(decode_snapshot(envelope.message)->next_seq, 10u);
  EXPECT_EQ(decode_snapshot(envelope.message)->keyframe, "10");
  session_.give(*server, numbered_events(10, 5));
  envelope = next(viewer, frame);
  ASSERT_EQ(envelope.content, Content::kBatch);
  EXPECT_EQ(peek_batch(envelope.message)->first_seq, 10u);
  server->stop("done");
  envelope = next(viewer, frame);
  ASSERT_EQ(envelope.content, Content::kBye);
  EXPECT_EQ(decode_bye(envelope.message)->reason, "done");
  EXPECT_EQ(decode_bye(envelope.message)->next_seq, 15u);
}

// One viewer reads everything, the other nothing: the first loses nothing, the other receives the exact loss
// and continues from a snapshot that matches the next batch.
TEST_F(ServerTest, ASlowViewerAloneLosesBatchesAndReceivesTheExactLoss) {
  ServerOptions o = options();
  o.queue_bytes = 200'000;
  auto server = start(std::move(o));
  auto fast = LiveSession::connect(address_);
  ASSERT_TRUE(fast);
  Socket slow = raw_viewer();
  EXPECT_EQ(next_content(slow), Content::kHello);
  EXPECT_EQ(next_content(slow), Content::kSnapshot);
  wait_for_snapshot(**fast);

  constexpr size_t kBatch = 2000;
  std::vector<Event> got;
  uint64_t given = 0;
  while (server->counters().lost_events < 10 * kBatch) {
    session_.give(*server, numbered_events(given, kBatch));
    given += kBatch;
    // The fast one never lags by more than a few batches, far fewer than its queue holds.
    while (got.size() + 5 * kBatch < given) {
      ASSERT_TRUE((*fast)->losses().empty() && !(*fast)->drained()) << (*fast)->message();
      (void)(*fast)->drain(got, 1 << 20);
    }
  }
  while (got.size() < given) {
    ASSERT_TRUE((*fast)->losses().empty() && !(*fast)->drained()) << (*fast)->message();
    (void)(*fast)->drain(got, 1 << 20);
  }
  EXPECT_TRUE((*fast)->losses().empty());
  for (size_t i = 0; i < got.size(); ++i) ASSERT_EQ(std::get<Log>(got[i].body).a, i);

  // The slow one reads again: batches without a gap, the loss, a snapshot, more batches.
  std::string frame;
  uint64_t expected = 0;
  Envelope envelope = next(slow, frame);
  while (envelope.content == Content::kBatch) {
    const auto header = peek_batch(envelope.message);
    ASSERT_EQ(header->first_seq, expected);
    expected += header->count;
    envelope = next(slow, frame);
  }
  ASSERT_EQ(envelope.content, Content::kLoss);
  const auto loss = decode_loss(envelope.message);
  EXPECT_EQ(loss->first_seq, expected);
  EXPECT_EQ(loss->events, loss->batches * kBatch);
  EXPECT_EQ(loss->first_seq + loss->events, given);
  envelope = next(slow, frame);
  ASSERT_EQ(envelope.content, Content::kSnapshot);
  EXPECT_EQ(decode_snapshot(envelope.message)->next_seq, given);
  EXPECT_EQ(server->counters().lost_events, loss->events);
  session_.give(*server, numbered_events(given, 1));
  envelope = next(slow, frame);
  ASSERT_EQ(envelope.content, Content::kBatch);
  EXPECT_EQ(peek_batch(envelope.message)->first_seq, given);
}

TEST_F(ServerTest, GrantedControlsAreExecutedAndOthersCounted) {
  std::promise<Control> executed;
  ServerOptions o = options();
  o.hello.granted = {ControlKind::kSetGogc};
  o.on_control = [&](const Control& control) { executed.set_value(control); };
  auto server = start(std::move(o));
  Socket viewer = raw_viewer();
  ASSERT_TRUE(viewer.send_frame(envelope(Content::kControl, encode_control({ControlKind::kSetProcs, 5}))));
  ASSERT_TRUE(viewer.send_frame(envelope(Content::kControl, encode_control({ControlKind::kSetGogc, 200}))));
  const Control control = executed.get_future().get();
  EXPECT_EQ(control.kind, ControlKind::kSetGogc);
  EXPECT_EQ(control.number, 200);
  EXPECT_EQ(server->counters().refused_controls, 1u);
}

TEST_F(ServerTest, APeerThatSendsInvalidBytesIsDisconnectedAndOthersStay) {
  auto server = start(options());
  Socket good = raw_viewer();
  EXPECT_EQ(next_content(good), Content::kHello);
  EXPECT_EQ(next_content(good), Content::kSnapshot);
  const auto is_disconnected = [&](std::string_view bytes) {
    Socket bad = raw_viewer();
    EXPECT_EQ(next_content(bad), Content::kHello);
    EXPECT_EQ(::send(bad.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    for (;;) {
      const auto frame = bad.receive_frame();
      if (!frame || !*frame) return true;
    }
  };
  EXPECT_TRUE(is_disconnected("\xff\xff\xff\xff"));                           // an enormous frame
  EXPECT_TRUE(is_disconnected(frame_head(5000)));                             // longer than any control
  EXPECT_TRUE(is_disconnected(frame_head(3) + "abc"));                        // no envelope
  EXPECT_TRUE(is_disconnected(frame_head(2) + envelope(Content::kBye, "")));  // a viewer never sends it
  session_.give(*server, numbered_events(0, 1));
  EXPECT_EQ(next_content(good), Content::kBatch);
  EXPECT_EQ(server->counters().ever, 5u);
}

TEST_F(ServerTest, ViewersConnectAndDisconnect) {
  auto server = start(options());
  for (int i = 0; i < 50; ++i) {
    Socket viewer = raw_viewer();
    if (i % 2 == 0) {
      EXPECT_EQ(next_content(viewer), Content::kHello);
    }
    session_.give(*server, numbered_events(session_.next_seq(), 100));
  }
  // The last connections may not be accepted yet when the earlier ones are closed.
  while (server->counters().ever < 50) std::this_thread::yield();
  while (server->counters().viewers != 0) std::this_thread::yield();
  EXPECT_EQ(server->counters().ever, 50u);
}

TEST_F(ServerTest, DrainSendsEverythingConsumed) {
  auto server = start(options());
  Socket viewer = raw_viewer();
  EXPECT_EQ(next_content(viewer), Content::kHello);
  EXPECT_EQ(next_content(viewer), Content::kSnapshot);
  session_.give(*server, numbered_events(0, 100));
  server->drain();
  // The kernel has the batch: a read that does not wait succeeds.
  char bytes[kFrameHead];
  EXPECT_EQ(::recv(viewer.fd(), bytes, sizeof bytes, MSG_DONTWAIT), static_cast<ssize_t>(sizeof bytes));
}

TEST_F(ServerTest, AnInheritedSocketPairIsAViewer) {
  auto fds = socket_pair();
  ASSERT_TRUE(fds);
  ServerOptions o = options();
  o.address = "fd:" + std::to_string(fds->first.release());
  auto server = start(std::move(o));
  Socket viewer(std::move(fds->second));
  EXPECT_EQ(next_content(viewer), Content::kHello);
  EXPECT_EQ(next_content(viewer), Content::kSnapshot);
}

// The viewer's connection waits in the backlog meanwhile; the server still serves the others.
TEST_F(ServerTest, AViewerForWhichThereIsNoDescriptorIsServedOnceThereIs) {
  auto server = start(options());
  Socket first = raw_viewer();
  EXPECT_EQ(next_content(first), Content::kHello);
  EXPECT_EQ(next_content(first), Content::kSnapshot);
  // What is called below, called once before: UBSan looks at the type of an object with a pipe, and remembers it.
  EXPECT_EQ(server->counters().ever, 1u);
  session_.give(*server, numbered_events(0, 10));
  EXPECT_EQ(next_content(first), Content::kBatch);
  Fd unconnected(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  const Fd lowest_free(::dup(unconnected.get()));
  none.rlim_cur = static_cast<rlim_t>(lowest_free.get());  // and it is taken
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  address_.copy(name.sun_path, sizeof name.sun_path - 1);
  EXPECT_EQ(::connect(unconnected.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  session_.give(*server, numbered_events(10, 10));
  EXPECT_EQ(next_content(first), Content::kBatch);
  EXPECT_EQ(server->counters().ever, 1u);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  Socket late(std::move(unconnected));
  EXPECT_EQ(next_content(late), Content::kHello);
}

TEST(Viewer, ASessionThatBeginsAgainDoesNotFillTheQueueOfOneThatDoesNotRead) {
  auto fds = socket_pair();
  ASSERT_TRUE(fds);
  Viewer viewer(std::move(fds->first), 1, 1000, 1000);
  const auto snapshot = std::make_shared<const std::string>(2000, 's');
  EXPECT_TRUE(viewer.needs_snapshot());
  viewer.queue_snapshot(snapshot);
  viewer.begin_again();
  EXPECT_FALSE(viewer.needs_snapshot()) << "the picture before is still queued, above the cap";
  EXPECT_EQ(viewer.write_some(), Viewer::Progress::kIdle);
  EXPECT_TRUE(viewer.needs_snapshot());
}

TEST_F(ServerTest, ASecondServerAtTheSameAddressGivesAClearError) {
  auto server = start(options());
  const auto second = Server::start(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "socket in use: another engine listens at " + address_);
}

TEST_F(ServerTest, StopDoesNotWaitForAViewerThatNeverReads) {
  ServerOptions o = options();
  o.queue_bytes = 8 << 20;
  auto server = start(std::move(o));
  Socket viewer = raw_viewer();
  EXPECT_EQ(next_content(viewer), Content::kHello);
  EXPECT_EQ(next_content(viewer), Content::kSnapshot);
  for (int i = 0; i < 40; ++i) session_.give(*server, numbered_events(session_.next_seq(), 20'000));
  server->stop("done");  // must return
  EXPECT_EQ(server->counters().viewers, 0u);
}

}  // namespace
}  // namespace sweepscope::telemetry
