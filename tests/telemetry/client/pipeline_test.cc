// The whole pipeline: emitters on threads, collector, server, Unix socket, live session.

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "telemetry/client/live_session.h"
#include "telemetry/probe/collector.h"
#include "telemetry/server/server.h"
#include "tests/telemetry/support/private_directory.h"
#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

using testing::PrivateDirectory;

TEST(Pipeline, AViewerReceivesEveryEventAfterItsSnapshot) {
  PrivateDirectory directory;
  Collector collector({.loss = LossPolicy::kBlock});
  ServerOptions options;
  options.address = directory / "live.sock";
  options.with_snapshot = [&](const auto& use) {
    collector.hold([&](const Collector::Position& at) {
      use({at.next_seq, at.ns, std::to_string(at.next_seq)});
    });
  };
  auto server = Server::start(options);
  ASSERT_TRUE(server) << server.error().message;
  collector.add_sink(**server);

  constexpr int kThreads = 3;
  constexpr uint64_t kEvents = 60'000;
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      observe::Emitter emitter(&collector, t);
      for (uint64_t i = 0; i < kEvents; ++i) {
        emitter.emit(observe::Log{{0, observe::EventKind::kLog, 1, 0, 0}, i, 0});
        emitter.seal_if_requested();
      }
    });
  // Attaches while the threads emit.
  auto live = LiveSession::connect(options.address, size_t{64} << 20);
  ASSERT_TRUE(live) << live.error().message;
  std::vector<Event> events;
  uint64_t next_seq = 0, pictures = 0;
  const auto drain = [&] {
    const auto stretch = (*live)->drain(events, 10'000);
    if (stretch.empty()) return;
    if (stretch.snapshot) {
      ++pictures;
      events.erase(events.begin(), events.end() - static_cast<ptrdiff_t>(stretch.events));
      next_seq = stretch.snapshot->next_seq;
      EXPECT_EQ(stretch.snapshot->keyframe, std::to_string(next_seq));
    }
    EXPECT_EQ(stretch.first_seq, next_seq);
    next_seq += stretch.events;
  };
  while (pictures == 0) drain();
  for (std::thread& thread : threads) thread.join();
  collector.finish();
  std::thread stopper([&] { (*server)->stop("the run has ended"); });
  while (!(*live)->drained()) drain();
  stopper.join();

  EXPECT_EQ((*live)->state(), LiveSession::State::kEnded);
  EXPECT_EQ((*live)->message(), "the run has ended");
  EXPECT_EQ(next_seq, kThreads * kEvents);
  EXPECT_EQ(collector.counters().events, kThreads * kEvents);
  // The events of each stream are consecutive up to its last one.
  std::map<uint32_t, uint64_t> last;
  for (const Event& event : events) {
    const uint64_t a = std::get<Log>(event.body).a;
    if (last.contains(event.stream)) {
      ASSERT_EQ(a, last[event.stream] + 1);
    }
    last[event.stream] = a;
  }
  for (const auto& [stream, a] : last) EXPECT_EQ(a, kEvents - 1) << "stream " << stream;
}

}  // namespace
}  // namespace sweepscope::telemetry
