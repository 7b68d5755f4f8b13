// The program ended by a signal: its child processes end with it.
#include <gtest/gtest.h>
#include <signal.h>

#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "telemetry/store/recording.h"
#include "tests/gui/support/children.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 60'000;

class DashboardEnd : public ::testing::TestWithParam<int> {};

TEST_P(DashboardEnd, EndsTheEngineThatItStarted) {
  const QString program = qEnvironmentVariable("SWEEPSCOPE");
  if (program.isEmpty()) GTEST_SKIP() << "SWEEPSCOPE is not set";
  const QTemporaryDir directory;
  const QString path = directory.filePath(QStringLiteral("kept.mcap"));
  QProcess dashboard;
  dashboard.setProcessChannelMode(QProcess::ForwardedChannels);
  // --screenshot in an hour: keeps this test's settings out of the user's.
  dashboard.start(program,
                  {QStringLiteral("--demo"), QStringLiteral("binary_trees"), QStringLiteral("--record"), path,
                   QStringLiteral("--screenshot"), directory.filePath(QStringLiteral("s.png")),
                   QStringLiteral("--after"), QStringLiteral("3600")});
  ASSERT_TRUE(dashboard.waitForStarted(kPatienceMs));
  const auto pid = static_cast<pid_t>(dashboard.processId());
  std::optional<pid_t> child;
  ASSERT_TRUE(QTest::qWaitFor(
      [&] {
        child = testing::childNamed(pid, "sweepctl");
        return child && QFileInfo(path).size() > 0;  // it runs and records
      },
      kPatienceMs));
  const testing::WatchedProcess engine(*child);
  ASSERT_TRUE(engine.found());
  ASSERT_EQ(kill(pid, GetParam()), 0);
  ASSERT_TRUE(dashboard.waitForFinished(kPatienceMs));
  const bool ended = engine.endsWithin(kPatienceMs);
  if (!ended) engine.send(SIGKILL);
  EXPECT_TRUE(ended) << "the engine outlives the dashboard";
  const auto recording = telemetry::Recording::open(path.toStdString());
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_TRUE((*recording)->complete()) << "the engine must end by SIGTERM, not SIGKILL";
  if (GetParam() != SIGKILL) {
    EXPECT_EQ(dashboard.exitStatus(), QProcess::NormalExit) << "the window must close";
    EXPECT_EQ(dashboard.exitCode(), 128 + GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(ByAnySignal, DashboardEnd, ::testing::Values(SIGTERM, SIGHUP, SIGINT, SIGKILL),
                         [](const auto& each) { return std::string("Sig") + sigabbrev_np(each.param); });

}  // namespace
}  // namespace sweepscope::gui
