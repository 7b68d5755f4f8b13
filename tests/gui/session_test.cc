// The session controller against real files and a real socket: a recording written by the recorder, an engine
// played by the server with modelled events.
#include "gui/session/session_controller.h"

#include <gtest/gtest.h>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "telemetry/server/server.h"
#include "telemetry/store/recorder.h"
#include "telemetry/wire/batch.h"
#include "tests/gui/support/memory_log.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

using telemetry::Event;

constexpr int kPatienceMs = 20'000;

void feed(telemetry::BatchSink& sink, std::span<const Event> events, uint64_t first) {
  constexpr size_t kBatch = 500;
  for (size_t at = 0; at < events.size(); at += kBatch) {
    const auto part = events.subspan(at, std::min(kBatch, events.size() - at));
    sink.consume({first + at, static_cast<uint32_t>(part.size()), 0,
                  telemetry::encode_batch(part, first + at, 0), part});
  }
}

uint64_t hashAfter(const std::vector<Event>& events) {
  telemetry::Replica replica;
  for (const Event& event : events) replica.apply(event);
  return replica.hash();
}

QString record(const QTemporaryDir& directory, const std::vector<Event>& events) {
  const QString path = directory.filePath(QStringLiteral("s.mcap"));
  auto recorder = telemetry::Recorder::create(path.toStdString(), {});
  EXPECT_TRUE(recorder);
  feed(**recorder, events, 0);
  EXPECT_TRUE((*recorder)->finish());
  return path;
}

TEST(SessionController, ARecordingShownAtItsEndHasTheHashOfItsEvents) {
  const QTemporaryDir directory;
  const auto events = testing::chunkedSession(21);
  SessionController session;
  QSignalSpy opened(&session, &SessionController::opened);
  session.openRecording(record(directory, events), {});
  ASSERT_TRUE(opened.wait(kPatienceMs));
  session.seekEnd(true);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
  EXPECT_EQ(session.replica().hash(), hashAfter(events));
  EXPECT_EQ(session.player().refusals(), 0u);
}

TEST(SessionController, PlayingARecordingCycleByCycleComesToItsEnd) {
  const QTemporaryDir directory;
  const auto events = testing::chunkedSession(22);
  SessionController session;
  QSignalSpy opened(&session, &SessionController::opened);
  session.openRecording(record(directory, events), {});
  ASSERT_TRUE(opened.wait(kPatienceMs));
  ASSERT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
  session.setPlaying(true);
  for (int frame = 0; frame < 20'000 && session.playing(); ++frame) {
    session.tick(0.1);
    QCoreApplication::processEvents();
  }
  EXPECT_FALSE(session.playing());
  EXPECT_EQ(session.replica().hash(), hashAfter(events));
}

TEST(SessionController, AFileThatIsNoRecordingFailsInOneLineAndLeavesNothingOpen) {
  const QTemporaryDir directory;
  const QString path = directory.filePath(QStringLiteral("no.mcap"));
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("this is not a recording");
  file.close();
  SessionController session;
  QSignalSpy failed(&session, &SessionController::failed);
  session.openRecording(path, {});
  ASSERT_TRUE(failed.wait(kPatienceMs));
  EXPECT_FALSE(failed[0][0].toString().contains('\n'));
  EXPECT_EQ(session.source(), SessionController::Source::kNone);
}

TEST(SessionController, FollowsALiveEngineToItsEdgeAndPlaysItsFinishedCycle) {
  const QTemporaryDir directory;
  const auto events = testing::chunkedSession(23);
  telemetry::ServerOptions options;
  options.address = directory.filePath(QStringLiteral("e.sock")).toStdString();
  options.with_snapshot = [](const std::function<void(telemetry::Snapshot)>& take) { take({}); };
  auto server = telemetry::Server::start(std::move(options));
  ASSERT_TRUE(server) << server.error().message;
  auto source = LiveSource::connect(directory.filePath(QStringLiteral("e.sock")).toStdString());
  ASSERT_TRUE(source) << source.error().message;
  SessionController session;
  session.follow(std::move(*source));
  ASSERT_TRUE(QTest::qWaitFor(
      [&] {
        session.tick(0.01);
        return (*server)->counters().viewers == 1 && session.linkState() == LinkState::kConnected;
      },
      kPatienceMs));
  feed(**server, events, 0);
  ASSERT_TRUE(QTest::qWaitFor(
      [&] {
        session.tick(0.01);
        return session.log()->extent().end_seq == events.size();
      },
      kPatienceMs));
  ASSERT_TRUE(QTest::qWaitFor(
      [&] {
        session.tick(0.01);
        return !session.plan().empty() && !session.seeking();
      },
      kPatienceMs));
  EXPECT_GT(session.engineNsPerSecond(), 0);
  session.setRealTime(true);
  ASSERT_TRUE(QTest::qWaitFor(
      [&] {
        session.tick(0.01);
        return !session.seeking() && session.player().seq() == events.size();
      },
      kPatienceMs));
  EXPECT_EQ(session.replica().hash(), hashAfter(events));
  EXPECT_EQ(session.eventsLost(), 0u);
}

}  // namespace
}  // namespace sweepscope::gui
