#include "telemetry/transport/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

using testing::RandomEvents;
using testing::test_seed;

std::pair<Socket, Socket> pair() {
  auto fds = socket_pair();
  EXPECT_TRUE(fds);
  return {Socket(std::move(fds->first)), Socket(std::move(fds->second))};
}

TEST(Socket, FramesArriveWholeAndInOrder) {
  auto [a, b] = pair();
  RandomEvents random(test_seed());
  std::vector<std::string> frames;
  for (int i = 0; i < 50; ++i)
    frames.emplace_back(random.below(10) == 0 ? random.below(3'000'000) : random.below(2000),
                        static_cast<char>('a' + i % 26));
  std::thread sender([&] {
    for (const std::string& frame : frames) ASSERT_TRUE(a.send_frame(frame));
    a.shutdown();
  });
  for (const std::string& expected : frames) {
    const auto frame = b.receive_frame();
    ASSERT_TRUE(frame && *frame);
    ASSERT_TRUE(**frame == expected);
  }
  const auto end = b.receive_frame();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
  sender.join();
}

TEST(Socket, AFrameBeyondTheCapIsRefusedFromItsLength) {
  auto [a, b] = pair();
  const std::string head = frame_head(kMaxFrame + 1);
  ASSERT_EQ(::write(a.fd(), head.data(), head.size()), 4);
  const auto frame = b.receive_frame();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().message, "the peer announced a frame of 67108865 bytes, the limit is 67108864");
}

TEST(Socket, AnOversizedFrameAfterAValidOneIsRefused) {
  FrameReader reader(10);
  reader.add(frame_head(2) + "ab" + frame_head(11));
  const auto first = reader.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(**first, "ab");
  EXPECT_FALSE(reader.next());
}

TEST(Socket, RefusesToSendAFrameBeyondTheCap) {
  auto [a, b] = pair();
  EXPECT_FALSE(a.send_frame(std::string(kMaxFrame + 1, 'x')));
}

TEST(Socket, AConnectionClosedInsideAFrameIsAnError) {
  auto [a, b] = pair();
  const std::string bytes = frame_head(10) + "abc";
  ASSERT_EQ(::write(a.fd(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  a.shutdown();
  const auto frame = b.receive_frame();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().message, "the peer closed the connection inside a frame");
}

TEST(Socket, SendingToAClosedPeerIsAnErrorWithoutASignal) {
  auto [a, b] = pair();
  { const Fd gone = b.take(); }
  EXPECT_FALSE(a.send_frame("hello"));
}

TEST(Socket, ShutdownWakesABlockedReceiver) {
  auto [a, b] = pair();
  std::thread waiter([&] {
    const auto frame = b.receive_frame();
    EXPECT_TRUE(frame && !*frame);
  });
  b.shutdown();
  waiter.join();
}

// Frames that arrive in arbitrary pieces are reassembled.
TEST(FrameReader, ReassemblesFramesFromAnyPieces) {
  RandomEvents random(test_seed());
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> frames;
    std::string bytes;
    for (int i = 0; i < 20; ++i) {
      frames.emplace_back(random.below(300), static_cast<char>(random.below(256)));
      bytes += frame_head(frames.back().size()) + frames.back();
    }
    FrameReader reader;
    std::vector<std::string> got;
    for (size_t at = 0; at < bytes.size();) {
      const size_t piece = std::min<size_t>(1 + random.below(400), bytes.size() - at);
      reader.add(std::string_view(bytes).substr(at, piece));
      at += piece;
      for (;;) {
        auto frame = reader.next();
        ASSERT_TRUE(frame);
        if (!*frame) break;
        got.push_back(std::move(**frame));
      }
    }
    ASSERT_EQ(got, frames);
    ASSERT_FALSE(reader.mid_frame());
  }
}

}  // namespace
}  // namespace sweepscope::telemetry
