// A live session without an engine: the server sends modelled events, the session controller follows it.
#pragma once

#include <gtest/gtest.h>
#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <memory>

#include "gui/session/session_controller.h"
#include "telemetry/server/server.h"
#include "tests/gui/support/recordings.h"

namespace sweepscope::testing {

inline constexpr int kPatienceMs = 20'000;

// A server in place of an engine, and a session that follows it to the last event sent.
struct Live {
  QTemporaryDir directory;
  std::unique_ptr<telemetry::Server> server;
  gui::SessionController session;

  explicit Live(size_t ringBytes = telemetry::kFlightRingBytes, QString address = {}) {
    if (address.isEmpty()) address = directory.filePath(QStringLiteral("e.sock"));
    telemetry::ServerOptions options;
    options.address = address.toStdString();
    options.with_snapshot = [](const std::function<void(telemetry::Snapshot)>& take) { take({}); };
    auto started = telemetry::Server::start(std::move(options));
    EXPECT_TRUE(started) << started.error().message;
    server = std::move(*started);
    auto source = gui::LiveSource::connect(address.toStdString());
    EXPECT_TRUE(source) << source.error().message;
    session.follow(std::move(*source), ringBytes);
    EXPECT_TRUE(waitFor([&] {
      return server->counters().viewers == 1 && session.linkState() == gui::LinkState::kConnected;
    }));
  }
  bool waitFor(const std::function<bool()>& done) {
    return QTest::qWaitFor([&] { return session.tick(0.01), done(); }, kPatienceMs);
  }
  bool feedTo(std::span<const telemetry::Event> events, uint64_t first) {
    feed(*server, events, first);
    return waitFor([&] { return session.log()->extent().end_seq == first + events.size(); });
  }
};

}  // namespace sweepscope::testing
