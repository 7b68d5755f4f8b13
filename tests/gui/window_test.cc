// The whole window, offscreen: it opens, every control has a name, and shortcuts work as listed.
#include <gtest/gtest.h>
#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDockWidget>
#include <QSignalSpy>
#include <QTest>
#include <QToolBar>

#include "gui/app/main_window.h"
#include "gui/models/sentences.h"
#include "gui/views/map_widget.h"
#include "gui/views/ruler_widget.h"

namespace sweepscope::gui {
namespace {

Options quietOptions() {
  Options options;
  options.screenshot = QStringLiteral("unused.png");  // keeps this test's settings out of the user's
  options.size = QSize(1280, 720);
  return options;
}

TEST(MainWindow, EveryDockAndToolBarHasAnObjectName) {
  MainWindow window(quietOptions());
  for (const auto* dock : window.findChildren<QDockWidget*>()) EXPECT_FALSE(dock->objectName().isEmpty());
  for (const auto* bar : window.findChildren<QToolBar*>()) EXPECT_FALSE(bar->objectName().isEmpty());
  EXPECT_FALSE(window.saveState(1).isEmpty());
}

TEST(MainWindow, EveryControlHasAnAccessibleNameOrAText) {
  MainWindow window(quietOptions());
  for (const auto* button : window.findChildren<QAbstractButton*>()) {
    if (button->objectName().startsWith(QLatin1String("qt_"))) continue;  // Qt's own overflow buttons
    EXPECT_FALSE(button->accessibleName().isEmpty() && button->text().isEmpty() &&
                 button->toolTip().isEmpty())
        << button->metaObject()->className();
  }
  for (const auto* combo : window.findChildren<QComboBox*>()) EXPECT_FALSE(combo->accessibleName().isEmpty());
  for (const char* name : {"map", "ruler", "processorsPanel", "timeline"}) {
    const auto* region = window.findChild<QWidget*>(QLatin1String(name));
    ASSERT_NE(region, nullptr) << name;
    EXPECT_FALSE(region->accessibleName().isEmpty()) << name;
    EXPECT_NE(region->focusPolicy(), Qt::NoFocus) << name;
  }
}

TEST(MainWindow, EveryTransportActionHasAKeyAndNoTwoShareOne) {
  MainWindow window(quietOptions());
  QSet<QString> seen;
  int keys = 0;
  for (const QAction* action : window.actions()) {
    const QString key = action->shortcut().toString();
    if (key.isEmpty()) continue;
    EXPECT_FALSE(seen.contains(key)) << qPrintable(key);
    seen.insert(key);
    ++keys;
  }
  EXPECT_GE(keys, 18);
}

TEST(MainWindow, TheEmptyMapShowsWhyAndWhatToDo) {
  MainWindow window(quietOptions());
  const auto* map = window.findChild<MapWidget*>(QStringLiteral("map"));
  ASSERT_NE(map, nullptr);
  EXPECT_TRUE(map->emptyText().contains(QLatin1String("Ctrl+O"))) << qPrintable(map->emptyText());
}

TEST(Sentences, AFiredCheckIsNamedWithItsPAndSpan) {
  telemetry::CheckFired check{};
  check.code = 4;
  check.p = 2;
  check.span = 41;
  check.sweepgen = 12;
  check.raw = 13;
  EXPECT_EQ(describe(check, {{4, "bad flushGen"}}),
            "Engine check \"bad flushGen\" fired on P2, span 41 at +1 (sweepgen 13, sg 12)");
  EXPECT_TRUE(describe(check).startsWith(QLatin1String("Engine check 4 fired")));
  check.code = check.oracle = 2;  // an oracle's code is its rule
  EXPECT_TRUE(describe(check).startsWith(QLatin1String("Oracle I2 fired on P2")));
}

TEST(Sentences, StepsOfTheLaboratoryUseSgForTheHeapGeneration) {
  telemetry::SessionInfo info;
  info.step_names = {{7, "refill: mark cached, sweepgen := h+3"}};
  info.stream_names = {{2, "holder"}};
  telemetry::StepTaken step{};
  step.fiber = 2;
  step.step = 7;
  EXPECT_EQ(describe(telemetry::Event{0, 0, step}, info).text,
            "holder: refill: mark cached, sweepgen := sg+3");
}

TEST(Sentences, AgreeInNumber) {
  const auto text = [](const telemetry::Body& body) { return describe(telemetry::Event{0, 0, body}).text; };
  telemetry::SpanAllocated span{};
  span.pages = 1;
  EXPECT_TRUE(text(span).startsWith(QLatin1String("1 page becomes a span")));
  span.pages = 2;
  EXPECT_TRUE(text(span).startsWith(QLatin1String("2 pages become a span")));
  EXPECT_EQ(text(telemetry::Log{1, 0, 0, 8}), "The heap grows by 8 pages");
  telemetry::Stw stop{};
  stop.edge = telemetry::StwEdge::kRequested;
  stop.running = 1;
  EXPECT_TRUE(text(stop).endsWith(QLatin1String("1 thread running")));
  stop.running = 2;
  EXPECT_TRUE(text(stop).endsWith(QLatin1String("2 threads running")));
}

TEST(MainWindow, DigitsOnTheRulerFilterAndTheSameDigitClears) {
  MainWindow window(quietOptions());
  auto* ruler = window.findChild<RulerWidget*>(QStringLiteral("ruler"));
  ASSERT_NE(ruler, nullptr);
  QTest::keyClick(ruler, Qt::Key_4);
  EXPECT_EQ(ruler->filter(), maskOf(CellState::kStale));
  QTest::keyClick(ruler, Qt::Key_1, Qt::ShiftModifier);
  EXPECT_EQ(ruler->filter(), maskOf(CellState::kStale) | maskOf(CellState::kNeeds));
  QTest::keyClick(ruler, Qt::Key_1, Qt::ShiftModifier);
  QTest::keyClick(ruler, Qt::Key_4);
  EXPECT_EQ(ruler->filter(), kEveryState);
}

TEST(MainWindow, KeepsMapAndRulerAtTheSmallestSize) {
  MainWindow window(quietOptions());
  window.resize(1280, 720);
  window.show();
  QTest::qWait(20);
  const auto* map = window.findChild<QWidget*>(QStringLiteral("map"));
  EXPECT_GE(map->width(), 480);
  EXPECT_GE(map->height(), 240);
  EXPECT_TRUE(window.findChild<QWidget*>(QStringLiteral("ruler"))->isVisible());
}

}  // namespace
}  // namespace sweepscope::gui

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  // Also needed when ctest only lists the tests on a machine without a display.
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication app(argc, argv);
  return RUN_ALL_TESTS();
}
