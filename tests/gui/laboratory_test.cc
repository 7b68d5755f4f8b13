// The window with a recording of the laboratory: it opens at the violation and counts time in steps.
#include <gtest/gtest.h>
#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QListView>
#include <QStandardItemModel>
#include <QTest>

#include "gui/app/main_window.h"
#include "gui/views/inspector.h"
#include "gui/views/map_widget.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 20'000;
constexpr telemetry::SpanId kSpan = 3;

struct Laboratory : ::testing::Test {
  QTemporaryDir directory;
  Options options;
  std::unique_ptr<MainWindow> window;
  uint64_t checkSeq = 0;  // of the check that ends the recording

  void open() {
    auto events = testing::session(41);
    for (int turns = 0; turns < 2; ++checkSeq)
      turns += std::holds_alternative<telemetry::Turn>(events[checkSeq].body);
    checkSeq += 20;
    events.resize(checkSeq);
    for (size_t i = 0; i < events.size(); ++i) events[i].ns = static_cast<int64_t>(i);
    telemetry::CheckFired check{};
    check.code = check.oracle = 1;  // an oracle's code is its rule
    check.p = telemetry::kNoP;
    check.span = kSpan;
    events.push_back({static_cast<int64_t>(checkSeq), 0, check});
    telemetry::SessionInfo info;
    info.engine_build = "laboratory";
    options.screenshot = QStringLiteral("unused.png");  // keeps this test's settings out of the user's
    options.size = QSize(1280, 720);
    options.file = testing::record(directory, events, info);
    window = std::make_unique<MainWindow>(options);
    window->show();
    window->begin();
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return window->session().player().seq() == checkSeq + 1 && !window->session().seeking(); },
        kPatienceMs));
  }
  QListView* events() {
    for (auto* list : window->findChildren<QListView*>())
      if (list->accessibleName() == QLatin1String("Events around the play head")) return list;
    return nullptr;
  }
  QAction* action(const char* text) {
    for (QAction* action : window->actions())
      if (action->text().remove(QLatin1Char('&')) == QLatin1String(text)) return action;
    return nullptr;
  }
};

TEST_F(Laboratory, OpensAtTheViolationWithThePrecedingStepsListedAndTheSpanSelected) {
  ASSERT_NO_FATAL_FAILURE(open());
  EXPECT_EQ(window->findChild<MapWidget*>()->selected(), kSpan);
  ASSERT_NE(events(), nullptr);
  EXPECT_TRUE(events()->isVisible());
  ASSERT_TRUE(QTest::qWaitFor([&] { return events()->model()->rowCount() > 10; }, kPatienceMs));
  const QModelIndex last = events()->model()->index(events()->model()->rowCount() - 1, 0);
  EXPECT_TRUE(last.data(EventListModel::kCurrentRole).toBool());
  EXPECT_EQ(last.data(EventListModel::kSentenceRole).toString(), QStringLiteral("Oracle I1 fired, span 3"));
}

TEST_F(Laboratory, StepsBackwardAndForwardWithTheSurroundingStepsListed) {
  ASSERT_NO_FATAL_FAILURE(open());
  const auto seqIs = [&](uint64_t seq) {
    return QTest::qWaitFor(
        [&] { return window->session().player().seq() == seq && !window->session().seeking(); }, kPatienceMs);
  };
  uint64_t seq = checkSeq + 1;
  // At least across a turn, where the player's window ends.
  const uint32_t sweepgen = window->session().replica().sweepgen();
  while (window->session().replica().sweepgen() == sweepgen && seq > 0) {
    action("Previous event")->trigger();
    ASSERT_TRUE(seqIs(--seq));
    ASSERT_GT(window->session().player().window().size(), 0u) << "at " << seq;
    ASSERT_GT(window->session().player().position(), 0u) << "at " << seq;
  }
  action("Next event")->trigger();
  EXPECT_TRUE(seqIs(seq + 1));
}

TEST_F(Laboratory, CountsTimeInStepsAndDisablesRealTimeSpeeds) {
  ASSERT_NO_FATAL_FAILURE(open());
  auto* inspector = window->findChild<Inspector*>();
  inspector->setCurrentIndex(1);
  QString cycle;
  for (const auto* label : inspector->findChildren<QLabel*>())
    if (label->text().contains(QLatin1String("stops of the world"))) cycle = label->text();
  EXPECT_TRUE(cycle.contains(QLatin1String(" step"))) << qPrintable(cycle);
  EXPECT_FALSE(cycle.contains(QLatin1String(" ns"))) << qPrintable(cycle);
  const auto* speed = window->findChild<QComboBox*>();
  ASSERT_EQ(speed->accessibleName(), QStringLiteral("Speed"));
  const auto* model = qobject_cast<QStandardItemModel*>(speed->model());
  for (int i = 0; i < model->rowCount(); ++i)
    EXPECT_EQ(model->item(i)->isEnabled(), model->item(i)->text().startsWith(QLatin1String("a cycle in")));
}

}  // namespace
}  // namespace sweepscope::gui
