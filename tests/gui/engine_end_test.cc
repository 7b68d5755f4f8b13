// What the window does when the engine it shows is gone: killed, or no longer there to be talked to.
#include <signal.h>

#include <QAction>
#include <QFileInfo>
#include <QPushButton>

#include "gui/app/main_window.h"
#include "gui/views/overlays.h"
#include "tests/gui/support/children.h"
#include "tests/gui/support/live.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 60'000;

class EngineEnd : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!qEnvironmentVariableIsSet("SWEEPCTL")) GTEST_SKIP() << "SWEEPCTL is not set";
    qputenv("PATH", QFileInfo(qEnvironmentVariable("SWEEPCTL")).path().toLocal8Bit() + ':' + path_);
    options_.screenshot = QStringLiteral("unused.png");  // keeps this test's settings out of the user's
    options_.size = QSize(1280, 720);
    options_.demoAsked = true;
  }
  void TearDown() override { qputenv("PATH", path_); }

  static bool shows(const MainWindow& window, uint64_t events) {
    return QTest::qWaitFor(
        [&] {
          const auto* log = window.session().log();
          return window.session().linkState() == LinkState::kConnected &&
                 log->extent().end_seq - log->extent().first_seq >= events;
        },
        kPatienceMs);
  }
  static bool bannerAppears(const Banner& banner) {
    return QTest::qWaitFor([&] { return banner.isVisible(); }, kPatienceMs);
  }
  // The button with these words, if it is there to be pressed.
  static QPushButton* button(const Banner& banner, const char* text) {
    for (auto* each : banner.findChildren<QPushButton*>())
      if (each->isVisible() && each->text() == QLatin1String(text)) return each;
    return nullptr;
  }
  static bool canRecord(const MainWindow& window) {
    for (const QAction* action : window.actions())
      if (action->text() == QLatin1String("&Record")) return action->isEnabled();
    return false;
  }

  const QByteArray path_ = qgetenv("PATH");
  Options options_;
};

TEST_F(EngineEnd, OfAnEngineOfItsOwnThatIsKilledTheWindowSaysHowAndStartsItAgain) {
  MainWindow window(options_);
  window.show();
  window.begin();
  ASSERT_TRUE(shows(window, 1000));
  const auto engine = testing::childNamed(getpid(), "sweepctl");
  ASSERT_TRUE(engine);
  ASSERT_EQ(kill(*engine, SIGKILL), 0);
  const auto& banner = *window.findChild<Banner*>();
  ASSERT_TRUE(bannerAppears(banner));
  EXPECT_TRUE(banner.title().contains(QLatin1String("signal 9"))) << qPrintable(banner.title());
  ASSERT_TRUE(
      QTest::qWaitFor([&] { return window.session().linkState() == LinkState::kClosed; }, kPatienceMs));
  EXPECT_TRUE(canRecord(window)) << "what was captured can still be saved";
  EXPECT_GE(window.session().log()->extent().end_seq - window.session().log()->extent().first_seq, 1000u);
  EXPECT_EQ(button(banner, "Connect again"), nullptr);
  auto* again = button(banner, "Start again");
  ASSERT_NE(again, nullptr);
  again->click();
  ASSERT_TRUE(shows(window, 1));
  EXPECT_FALSE(banner.isVisible());
  window.close();
}

TEST_F(EngineEnd, OfAnEngineThatItConnectedToTheWindowSaysThatItIsGoneAndConnectsAgain) {
  testing::Live live;
  const auto events = testing::chunkedSession(51);
  options_.connectAddress = live.directory.filePath(QStringLiteral("e.sock"));
  MainWindow window(options_);
  window.show();
  window.begin();
  ASSERT_TRUE(QTest::qWaitFor([&] { return live.server->counters().viewers == 2; }, kPatienceMs));
  testing::feed(*live.server, events, 0);
  ASSERT_TRUE(shows(window, events.size()));
  live.server.reset();
  const auto& banner = *window.findChild<Banner*>();
  ASSERT_TRUE(bannerAppears(banner));
  EXPECT_TRUE(banner.title().contains(options_.connectAddress)) << qPrintable(banner.title());
  EXPECT_FALSE(banner.detail().isEmpty());
  EXPECT_TRUE(canRecord(window));
  EXPECT_EQ(button(banner, "Start again"), nullptr);
  auto* again = button(banner, "Connect again");
  ASSERT_NE(again, nullptr);
  again->click();
  EXPECT_TRUE(banner.isVisible()) << "there is nothing to connect to";
  EXPECT_NE(window.session().log(), nullptr) << "the picture stays";
  ASSERT_NE(button(banner, "Connect again"), nullptr);

  testing::Live next(telemetry::kFlightRingBytes, options_.connectAddress);
  button(banner, "Connect again")->click();
  ASSERT_TRUE(
      QTest::qWaitFor([&] { return window.session().linkState() == LinkState::kConnected; }, kPatienceMs));
  EXPECT_FALSE(banner.isVisible());
}

}  // namespace
}  // namespace sweepscope::gui
