// The session controller against real files and a real socket: a recording written by the recorder, and a
// server that sends modelled events in place of an engine.
#include "gui/session/session_controller.h"

#include <gtest/gtest.h>
#include <QFileInfo>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "telemetry/store/check_recording.h"
#include "telemetry/store/recorder.h"
#include "telemetry/wire/batch.h"
#include "tests/gui/support/live.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

using telemetry::Event;
using testing::Live;
using testing::record;

constexpr int kPatienceMs = testing::kPatienceMs;

uint64_t hashAfter(const std::vector<Event>& events) {
  telemetry::Replica replica;
  for (const Event& event : events) replica.apply(event);
  return replica.hash();
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

TEST(SessionController, AnAnchorOpensAtTheCycleThatItNames) {
  const QTemporaryDir directory;
  const QString file = record(directory, testing::chunkedSession(21));
  for (const uint64_t cycle : {1, 2, 5}) {
    SessionController session;
    QSignalSpy opened(&session, &SessionController::opened);
    session.openRecording(file, Anchor{Anchor::Kind::kCycle, cycle});
    ASSERT_TRUE(opened.wait(kPatienceMs));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
    EXPECT_EQ(session.replica().cycle(), cycle);
    EXPECT_EQ(session.replica().phase(), telemetry::Phase::kSweepTermination);
    const auto& marks = session.log()->marks().cycles;
    const auto shown = std::upper_bound(marks.begin(), marks.end(), session.ns(),
                                        [](int64_t ns, const auto& mark) { return ns < mark.ns; });
    ASSERT_NE(shown, marks.begin());
    EXPECT_EQ((shown - 1)->cycle, cycle) << "the timeline's label";
  }
}

TEST(SessionController, PlayingARecordingCycleByCycleReachesItsEnd) {
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

TEST(SessionController, AnInvalidFileFailsWithOneLineAndLeavesNothingOpen) {
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

TEST(SessionController, ADamagedRecordingIsPlayedAsFarAsItCanBeRead) {
  const QTemporaryDir directory;
  const QString path = record(directory, testing::chunkedSession(24));
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::ReadWrite));
  QByteArray bytes = file.readAll();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x40);  // between schemas and summary
  file.seek(0);
  file.write(bytes);
  file.close();
  SessionController session;
  QSignalSpy opened(&session, &SessionController::opened), noticed(&session, &SessionController::noticed),
      failed(&session, &SessionController::failed);
  session.openRecording(path, {});
  ASSERT_TRUE(opened.wait(kPatienceMs));
  EXPECT_EQ(session.eventsLost(), 0u) << "the index does not show the damage";
  // This seek reads the damaged part.
  session.seekSeq(session.log()->extent().end_seq - 1);
  ASSERT_TRUE(QTest::qWaitFor([&] { return opened.count() == 2 && !session.seeking(); }, kPatienceMs));
  EXPECT_GT(session.eventsLost(), 0u);
  EXPECT_EQ(noticed.count(), 1);
  session.seekEnd(true);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
  EXPECT_EQ(failed.count(), 0) << failed[0][0].toString().toStdString();
  EXPECT_EQ(session.player().seq(), session.log()->extent().end_seq);
}

TEST(SessionController, ATruncatedRecordingIsShownToItsEndWithANotice) {
  const QTemporaryDir directory;
  const QString path = record(directory, testing::chunkedSession(29));
  SessionController session;
  QSignalSpy opened(&session, &SessionController::opened), noticed(&session, &SessionController::noticed);
  session.openRecording(path, {});
  ASSERT_TRUE(opened.wait(kPatienceMs));
  EXPECT_FALSE(session.cutShort());
  EXPECT_EQ(noticed.count(), 0);
  const QString cut =
      directory.filePath(QStringLiteral("cut.mcap"));  // a copy, because the first file is mapped
  ASSERT_TRUE(QFile::copy(path, cut));
  ASSERT_TRUE(QFile::resize(cut, QFileInfo(cut).size() * 9 / 10));
  session.openRecording(cut, {});
  ASSERT_TRUE(opened.wait(kPatienceMs));
  EXPECT_TRUE(session.cutShort());
  ASSERT_EQ(noticed.count(), 1);
  EXPECT_TRUE(noticed[0][0].toString().contains(QLatin1String("is unfinished")));
  EXPECT_GT(session.log()->extent().end_seq, 0u);
}

TEST(SessionController, OpeningCanBeCancelledAndKeepsTheSession) {
  const QTemporaryDir directory;
  const QString path = record(directory, testing::chunkedSession(25));
  SessionController session;
  QSignalSpy opened(&session, &SessionController::opened),
      changed(&session, &SessionController::openingChanged);
  session.openRecording(path, {});
  EXPECT_TRUE(session.opening());
  session.cancelOpening();
  EXPECT_FALSE(session.opening());
  EXPECT_EQ(session.source(), SessionController::Source::kNone);
  session.openRecording(path, {});
  ASSERT_TRUE(opened.wait(kPatienceMs));
  EXPECT_EQ(opened.count(), 1);
  EXPECT_GE(changed.count(), 4);
}

TEST(SessionController, RecordsTheRingAndAllLaterEventsUntilStopped) {
  Live live;
  const auto events = testing::chunkedSession(26);
  const size_t half = events.size() / 2;
  ASSERT_TRUE(live.feedTo(std::span(events).first(half), 0));
  const QString path = live.directory.filePath(QStringLiteral("kept.mcap"));
  QSignalSpy ended(&live.session, &SessionController::recordingEnded);
  live.session.startRecording(path);
  EXPECT_TRUE(live.session.recording().active());
  ASSERT_TRUE(live.waitFor([&] { return live.session.recording().events() == half; }));
  ASSERT_TRUE(live.feedTo(std::span(events).subspan(half), half));
  live.session.stopRecording();
  ASSERT_TRUE(live.waitFor([&] { return ended.count() == 1; }));
  EXPECT_EQ(ended[0][0].toString(), QString());
  EXPECT_FALSE(live.session.recording().active());
  EXPECT_EQ(live.session.linkState(), LinkState::kConnected) << "the engine must not notice";
  const auto report = telemetry::check_recording(path.toStdString());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->sound() && report->complete);
  EXPECT_EQ(report->events, events.size());
  EXPECT_EQ(report->final_hash, hashAfter(events));
}

TEST(SessionController, ARecordingIsCompleteWhenAnotherSessionIsOpened) {
  Live live;
  const auto events = testing::chunkedSession(27);
  ASSERT_TRUE(live.feedTo(events, 0));
  const QString path = live.directory.filePath(QStringLiteral("left.mcap"));
  QSignalSpy ended(&live.session, &SessionController::recordingEnded);
  live.session.startRecording(path);
  live.session.close();
  ASSERT_TRUE(live.waitFor([&] { return ended.count() == 1; }));
  const auto report = telemetry::check_recording(path.toStdString());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->sound() && report->complete);
  EXPECT_EQ(report->events, events.size());
}

TEST(SessionController, TheRingCanBeSavedAfterTheEngineIsGone) {
  Live live;
  const auto events = testing::chunkedSession(31);
  ASSERT_TRUE(live.feedTo(events, 0));
  live.server.reset();
  ASSERT_TRUE(live.waitFor([&] { return live.session.linkState() == LinkState::kClosed; }));
  EXPECT_FALSE(live.session.linkMessage().isEmpty());
  const QString path = live.directory.filePath(QStringLiteral("after.mcap"));
  QSignalSpy ended(&live.session, &SessionController::recordingEnded);
  live.session.startRecording(path);
  ASSERT_TRUE(live.waitFor([&] { return ended.count() == 1; }))
      << "without an engine the recording must end by itself";
  const auto report = telemetry::check_recording(path.toStdString());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->sound() && report->complete);
  EXPECT_EQ(report->events, events.size());
}

TEST(SessionController, ReportsWhyItCannotRecord) {
  Live live;
  ASSERT_TRUE(live.feedTo(testing::chunkedSession(28), 0));
  QSignalSpy ended(&live.session, &SessionController::recordingEnded);
  live.session.startRecording(QStringLiteral("/nowhere/at/all.mcap"));
  ASSERT_TRUE(live.waitFor([&] { return ended.count() == 1; }));
  EXPECT_TRUE(ended[0][0].toString().contains(QLatin1String("No such file")));
  EXPECT_FALSE(live.session.recording().active());
}

// With the real engine and the real `sweepctl check`.
TEST(SessionController, ARecordingOfARunningEnginePassesSweepctlCheck) {
  const QString sweepctl = qEnvironmentVariable("SWEEPCTL");
  if (sweepctl.isEmpty()) GTEST_SKIP() << "SWEEPCTL is not set";
  const QTemporaryDir directory;
  const QString address = directory.filePath(QStringLiteral("e.sock"));
  QProcess engine;
  engine.start(sweepctl, {QStringLiteral("run"), QStringLiteral("binary_trees"), QStringLiteral("--set"),
                          QStringLiteral("depth=10"), QStringLiteral("--procs"), QStringLiteral("4"),
                          QStringLiteral("--seconds"), QStringLiteral("600"), QStringLiteral("--quiet"),
                          QStringLiteral("--serve"), address});
  std::unique_ptr<LiveSource> source;
  ASSERT_TRUE(QTest::qWaitFor(
      [&] {
        auto connected = LiveSource::connect(address.toStdString());
        if (connected) source = std::move(*connected);
        return source != nullptr;
      },
      kPatienceMs));
  SessionController session;
  session.follow(std::move(source));
  const auto waitFor = [&](const std::function<bool()>& done) {
    return QTest::qWaitFor([&] { return session.tick(0.01), done(); }, kPatienceMs);
  };
  ASSERT_TRUE(waitFor([&] { return session.log()->marks().cycles.size() >= 3; }));
  const QString path = directory.filePath(QStringLiteral("kept.mcap"));
  QSignalSpy ended(&session, &SessionController::recordingEnded);
  const size_t cycles = session.log()->marks().cycles.size();
  session.startRecording(path);
  ASSERT_TRUE(waitFor([&] { return session.log()->marks().cycles.size() >= cycles + 3; }));
  session.stopRecording();
  ASSERT_TRUE(waitFor([&] { return ended.count() == 1; }));
  EXPECT_EQ(ended[0][0].toString(), QString());
  QProcess check;
  check.start(sweepctl, {QStringLiteral("check"), path});
  ASSERT_TRUE(check.waitForFinished(kPatienceMs * 3));
  EXPECT_EQ(check.exitCode(), 0) << check.readAll().toStdString()
                                 << check.readAllStandardError().toStdString();
  EXPECT_EQ(engine.state(), QProcess::Running);
  auto recording = telemetry::Recording::open(path.toStdString());
  ASSERT_TRUE(recording);
  EXPECT_GE((*recording)->marks().cycles.size(), 5u);
  engine.terminate();
  engine.waitForFinished(kPatienceMs);
}

TEST(SessionController, FollowsALiveEngineToItsEdgeAndPlaysItsFinishedCycle) {
  Live live;
  const auto events = testing::chunkedSession(23);
  ASSERT_TRUE(live.feedTo(events, 0));
  SessionController& session = live.session;
  ASSERT_TRUE(live.waitFor([&] { return !session.plan().empty() && !session.seeking(); }));
  EXPECT_GT(session.engineNsPerSecond(), 0);
  session.setRealTime(true);
  ASSERT_TRUE(live.waitFor([&] { return !session.seeking() && session.player().seq() == events.size(); }));
  EXPECT_EQ(session.replica().hash(), hashAfter(events));
  EXPECT_EQ(session.eventsLost(), 0u);
}

}  // namespace
}  // namespace sweepscope::gui
