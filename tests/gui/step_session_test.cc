// The step mode's window with the real sweepctl: a challenge by keys, its hints followed to the end; a breakpoint; the
// checks of a path.
#include <gtest/gtest.h>
#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QTabBar>
#include <QTableWidget>
#include <QTest>
#include <QTextBrowser>

#include "gui/app/step_window.h"
#include "gui/views/bench_form.h"
#include "gui/views/bench_inspector.h"
#include "gui/views/challenge_bar.h"
#include "gui/views/stops_pane.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 60'000;

class StepSession : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!qEnvironmentVariableIsSet("SWEEPCTL")) GTEST_SKIP() << "SWEEPCTL is not set";
    // sweepctl is searched in the directory of the program, where these tests have none, then in PATH.
    qputenv("PATH", QFileInfo(qEnvironmentVariable("SWEEPCTL")).path().toLocal8Bit() + ':' + path_);
    Options options;
    options.step = true;
    options.screenshot = QStringLiteral("unused.png");
    options.size = QSize(1440, 840);
    window_ = std::make_unique<StepWindow>(options);
    window_->show();
    window_->activateWindow();
    window_->begin();
    ASSERT_TRUE(QTest::qWaitFor([this] { return client().ready() && scene().begun(); }, kPatienceMs));
  }
  void TearDown() override { qputenv("PATH", path_); }

  const BenchClient& client() { return window_->client(); }
  const BenchScene& scene() { return client().scene(); }
  template <class Widget>
  Widget* part(const char* name = nullptr) {
    return window_->findChild<Widget*>(name == nullptr ? QString() : QLatin1String(name));
  }
  void press(const char* text) {
    for (auto* button : window_->findChildren<QAbstractButton*>())
      if (button->isVisible() && button->text().remove(QLatin1Char('&')) == QLatin1String(text))
        return button->click();
    FAIL() << "no button " << text;
  }
  void beginWith(const char* fault) {
    telemetry::BenchSetup setup{"cycle", "lazy", fault, 0, 0, 1, {}};
    for (const auto& known : scene().catalogue().faults)
      if (known.name == fault && !known.scenarios.empty()) setup.scenario = known.scenarios.front();
    part<BenchForm>()->setSetup(setup);
    press("Begin");
    ASSERT_TRUE(QTest::qWaitFor([this] { return part<BenchInspector>()->isVisible(); }, kPatienceMs));
  }
  void key(Qt::Key key) { QTest::keyClick(window_.get(), key); }
  // The answer, too: until it is there the next step is not sent.
  bool stepped(uint32_t from) {
    return QTest::qWaitFor(
        [this, from] {
          return scene().shown() != from && scene().shownView() != nullptr && !window_->client().stepping();
        },
        kPatienceMs);
  }
  bool tabShown(const char* title) {
    const auto* tabs = part<BenchInspector>();
    for (int i = 0; i < tabs->count(); ++i)
      if (tabs->tabText(i) == QLatin1String(title)) return tabs->isTabVisible(i);
    return false;
  }
  QString hint() { return part<QLabel>("challengeHint")->text(); }

  const QByteArray path_ = qgetenv("PATH");
  std::unique_ptr<StepWindow> window_;
};

TEST_F(StepSession, AHiddenFaultIsBrokenByFollowingTheHints) {
  for (auto* box : window_->findChildren<QCheckBox*>())
    if (box->text().startsWith("&Challenge") || box->text().startsWith("S&urprise")) box->setChecked(true);
  // One that a search finds soon, in the scenario that shows it fastest, so that the test needs no luck.
  for (const auto& fault : scene().catalogue().faults)
    if (fault.name == "cached-is-plus-two")
      part<BenchForm>()->setSetup({fault.scenarios.front(), "lazy", "", 0, 0, 1, {}});
  uint32_t chance = 0;
  const telemetry::BenchSetup before = part<BenchForm>()->setup();
  while (withSurprise(scene().catalogue(), before, chance).fault != "cached-is-plus-two")
    ASSERT_LT(++chance, 100u);
  part<BenchForm>()->setChance([chance] { return chance; });
  press("Begin");
  ASSERT_TRUE(QTest::qWaitFor([this] { return part<BenchInspector>()->isVisible(); }, kPatienceMs));
  EXPECT_TRUE(part<ChallengeBar>("challengeBar")->isVisible());
  EXPECT_FALSE(tabShown("Fault"));
  const QString name = QString::fromStdString(scene().state().setup.fault);
  ASSERT_EQ(name, "cached-is-plus-two");
  for (const auto* label : window_->findChildren<QLabel*>()) {
    EXPECT_FALSE(label->isVisible() && label->text().contains(name)) << qPrintable(label->text());
  }

  int taken = 0;
  while (scene().shownView()->verdict.outcome == telemetry::BenchOutcome::kRunning) {
    ASSERT_LT(++taken, 600);
    key(Qt::Key_H);
    ASSERT_TRUE(QTest::qWaitFor([this] { return hint().startsWith("Let "); }, kPatienceMs))
        << qPrintable(name + ": " + hint());
    EXPECT_FALSE(scene().forward().has_value()) << "the branch that was found";
    const QString said = hint();
    const QRegularExpression keyOf(QStringLiteral("\\(key (\\d)\\)"));
    key(static_cast<Qt::Key>(Qt::Key_0 + keyOf.match(said).captured(1).toInt()));
    const uint32_t from = scene().shown();
    if (said.contains(" choose: ")) {
      QApplication::processEvents();  // shows the buttons of the choice
      press(qPrintable(said.section(QStringLiteral(" choose: "), 1)));
    } else {
      key(said.contains("(Enter)") ? Qt::Key_Return : Qt::Key_A);
    }
    ASSERT_TRUE(stepped(from)) << qPrintable(said);
  }
  EXPECT_TRUE(tabShown("Fault"));
  EXPECT_TRUE(hint().startsWith("Broken in ")) << qPrintable(hint());
  const auto* inspector = part<BenchInspector>();
  const QString verdict = inspector->widget(2)->findChild<QTextBrowser*>()->toPlainText();
  EXPECT_TRUE(verdict.startsWith("Broken in ")) << qPrintable(verdict);
  EXPECT_TRUE(verdict.contains(name));
}

TEST_F(StepSession, ARunEndsAtABreakpointAndTheStripSaysSo) {
  ASSERT_NO_FATAL_FAILURE(beginWith(""));
  part<BenchInspector>()->setCurrentWidget(part<StopsPane>());
  auto* kind = part<StopsPane>()->findChildren<QComboBox*>().at(0);
  auto* name = part<StopsPane>()->findChildren<QComboBox*>().at(1);
  kind->setCurrentIndex(0);
  name->setCurrentIndex(name->findText("T2", Qt::MatchStartsWith));
  press("Add");
  ASSERT_TRUE(
      QTest::qWaitFor([this] { return part<QListWidget>("breakpoints")->count() == 1; }, kPatienceMs));
  const auto stopped = [this] {
    for (const auto* label : window_->findChildren<QLabel*>())
      if (label->text() == "Stopped at the breakpoint arc T2: a swept span becomes cached") return true;
    return false;
  };
  EXPECT_FALSE(stopped());
  // Each thread in turn runs until one caches a span.
  for (int turn = 0; turn < 60 && !stopped(); ++turn) {
    const auto& threads = scene().shownView()->threads;
    for (size_t row = 0; row < threads.size() && !stopped(); ++row) {
      key(static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(row)));
      const auto state = scene().shownView()->threads[row].state;
      if (state == telemetry::BenchThreadState::kBlocked || state == telemetry::BenchThreadState::kEnded)
        continue;
      const uint32_t from = scene().shown();
      QApplication::processEvents();
      if (state == telemetry::BenchThreadState::kMustChoose)
        press(scene().shownView()->threads[row].alternatives.front().c_str());
      else
        key(Qt::Key_R);
      ASSERT_TRUE(stepped(from));
    }
  }
  EXPECT_TRUE(stopped());
  part<QListWidget>("breakpoints")->setCurrentRow(0);
  press("Remove");
  EXPECT_TRUE(
      QTest::qWaitFor([this] { return part<QListWidget>("breakpoints")->count() == 0; }, kPatienceMs));
}

TEST_F(StepSession, ThePathIsOpenedAgainWithTheChecksThatWereChosen) {
  ASSERT_NO_FATAL_FAILURE(beginWith("acquirep-no-flush"));
  auto* table = part<QTableWidget>("checks");
  part<BenchInspector>()->setCurrentWidget(part<StopsPane>());
  table->selectRow(0);
  press("Note");
  EXPECT_EQ(table->item(0, 1)->text(), "note (new)");
  press("Begin again with these checks");
  ASSERT_TRUE(QTest::qWaitFor([this] { return !scene().state().setup.checks.empty(); }, kPatienceMs));
  EXPECT_EQ(scene().state().setup.checks, std::vector<std::string>{"I1=note"});
  ASSERT_TRUE(QTest::qWaitFor([this] { return scene().shownView() != nullptr; }, kPatienceMs));
  EXPECT_EQ(table->item(0, 1)->text(), "note");

  key(Qt::Key_1);
  const uint32_t from = scene().shown();
  key(Qt::Key_R);
  ASSERT_TRUE(stepped(from));
  const uint32_t steps = scene().state().nodes[scene().shown()].steps;
  table->clearSelection();
  table->selectRow(0);
  press("Off");
  press("Open this path again with these checks");
  ASSERT_TRUE(QTest::qWaitFor([this] { return scene().state().setup.checks.size() == 2; }, kPatienceMs));
  EXPECT_EQ(scene().state().setup.checks.back(), "I1=off");
  uint32_t replayed = 0;
  for (size_t node = 1; node < scene().state().nodes.size(); ++node)
    replayed += scene().state().nodes[node].steps;
  EXPECT_EQ(replayed, steps);
}

}  // namespace
}  // namespace sweepscope::gui
