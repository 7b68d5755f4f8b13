// The start page and what its tiles start: with the real sweepctl, and with one that fails.
#include <gtest/gtest.h>
#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "gui/app/lesson_window.h"
#include "gui/app/main_window.h"
#include "gui/app/step_window.h"
#include "gui/views/map_widget.h"
#include "gui/views/overlays.h"
#include "gui/views/start_tiles.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 60'000;

// sweepctl is searched in the directory of the program, where these tests have none, then in PATH.
class Path {
 public:
  explicit Path(const QString& directory) : before_(qgetenv("PATH")) {
    qputenv("PATH", directory.toLocal8Bit() + ':' + before_);
  }
  ~Path() { qputenv("PATH", before_); }

 private:
  QByteArray before_;
};

class Beginning : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!qEnvironmentVariableIsSet("SWEEPCTL")) GTEST_SKIP() << "SWEEPCTL is not set";
    options_.screenshot = QStringLiteral("unused.png");  // keeps this test's settings out of the user's
    options_.size = QSize(1280, 720);
  }
  // Puts this script before the real sweepctl in PATH.
  void pretend(const char* script) {
    QFile file(directory_.filePath(QStringLiteral("sweepctl")));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(script);
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  }
  static QAbstractButton* tile(MainWindow& window, const char* name) {
    return window.findChild<QAbstractButton*>(QLatin1String(name));
  }

  Path real_{QFileInfo(qEnvironmentVariable("SWEEPCTL")).path()};
  QTemporaryDir directory_;
  Path pretended_{directory_.path()};
  Options options_;
};

TEST_F(Beginning, TheFirstPageHasFiveTilesWithDescriptionsAndKeyboardFocus) {
  const Theme theme;
  StartTiles tiles(theme);
  tiles.show();
  const std::pair<const char*, void (StartTiles::*)()> all[] = {{"watchTile", &StartTiles::watchChosen},
                                                                {"stepTile", &StartTiles::stepChosen},
                                                                {"lessonTile", &StartTiles::lessonChosen},
                                                                {"compareTile", &StartTiles::compareChosen},
                                                                {"openTile", &StartTiles::openChosen}};
  EXPECT_EQ(tiles.findChildren<QAbstractButton*>().size(), 5);
  for (const auto& [name, chosen] : all) {
    auto* tile = tiles.findChild<QAbstractButton*>(QLatin1String(name));
    ASSERT_NE(tile, nullptr) << name;
    EXPECT_FALSE(tile->accessibleName().isEmpty()) << name;
    EXPECT_FALSE(tile->accessibleDescription().isEmpty()) << name;
    EXPECT_TRUE(tile->focusPolicy() & Qt::TabFocus) << name;
    const QSignalSpy spy(&tiles, chosen);
    QTest::keyClick(tile, Qt::Key_Space);
    EXPECT_EQ(spy.count(), 1) << name;
  }
}

TEST_F(Beginning, InASmallWindowTheTilesOpenAndCloseTheInspector) {
  MainWindow window(options_);
  window.show();
  window.begin();
  auto* watch = tile(window, "watchTile");
  EXPECT_TRUE(watch->isVisible());
  watch->click();
  EXPECT_FALSE(watch->isVisible());
  EXPECT_TRUE(window.findChild<QWidget*>(QStringLiteral("inspectorDock"))->isHidden());
}

// Of the windows that are open.
template <class Window>
Window* opened() {
  for (QWidget* widget : QApplication::topLevelWidgets())
    if (auto* window = qobject_cast<Window*>(widget); window != nullptr && window->isVisible()) return window;
  return nullptr;
}

TEST_F(Beginning, AFoundScheduleOpensInTheStepMode) {
  MainWindow window(options_);
  window.show();
  tile(window, "stepTile")->click();
  EXPECT_FALSE(tile(window, "stepTile")->isEnabled()) << "one search at a time";
  ASSERT_TRUE(QTest::qWaitFor([] { return opened<StepWindow>() != nullptr; }, kPatienceMs));
  EXPECT_TRUE(tile(window, "stepTile")->isEnabled());
  StepWindow* const step = opened<StepWindow>();
  const BenchScene& scene = step->client().scene();
  ASSERT_TRUE(
      QTest::qWaitFor([&] { return scene.begun() && !scene.state().setup.fault.empty(); }, kPatienceMs));
  EXPECT_EQ(scene.state().setup.fault, "acquirep-no-flush");
  const auto violated = [](const telemetry::BenchNode& node) {
    return node.outcome == telemetry::BenchOutcome::kViolation;
  };
  EXPECT_TRUE(std::any_of(scene.state().nodes.begin(), scene.state().nodes.end(), violated));
  step->close();
}

TEST_F(Beginning, TheMenuModeOpensEachWindowOnce) {
  MainWindow window(options_);
  window.show();
  const auto choose = [](QMainWindow& from, const char* text) {
    for (QAction* action : from.actions())
      if (action->text() == QLatin1String(text)) return action->trigger();
    ADD_FAILURE() << text;
  };
  choose(window, "&Lessons");
  LessonWindow* const lessons = opened<LessonWindow>();
  ASSERT_NE(lessons, nullptr);
  choose(*lessons, "&Step through the protocol");
  StepWindow* const step = opened<StepWindow>();
  ASSERT_NE(step, nullptr);
  choose(*step, "&Lessons");
  choose(*step, "&Watch an engine");
  const auto count = [](const char* name) {
    int open = 0;
    for (const QWidget* widget : QApplication::topLevelWidgets())
      open += widget->isVisible() && widget->objectName() == QLatin1String(name);
    return open;
  };
  for (const char* name : {"mainWindow", "stepWindow", "lessonWindow"}) EXPECT_EQ(count(name), 1) << name;
  step->close();
  lessons->close();
}

TEST_F(Beginning, AFailedSearchShowsItsErrorAndCanBeRetried) {
  pretend("#!/bin/sh\necho 'sweepctl: out of ideas' >&2\nexit 2\n");
  MainWindow window(options_);
  window.show();
  tile(window, "stepTile")->click();
  const auto* banner = window.findChild<Banner*>();
  ASSERT_TRUE(QTest::qWaitFor([&] { return banner->isVisible(); }, kPatienceMs));
  EXPECT_TRUE(banner->title().contains(QLatin1String("Could not find a schedule")));
  EXPECT_EQ(banner->detail(), QStringLiteral("sweepctl: out of ideas"));
  EXPECT_TRUE(tile(window, "stepTile")->isEnabled());
  EXPECT_EQ(window.session().source(), SessionController::Source::kNone);
}

TEST_F(Beginning, ACancelledSearchReportsNothing) {
  pretend("#!/bin/sh\nexec sleep 600\n");
  MainWindow window(options_);
  window.show();
  ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
  tile(window, "stepTile")->click();
  QTest::keyClick(&window, Qt::Key_Period, Qt::ControlModifier);
  EXPECT_TRUE(tile(window, "stepTile")->isEnabled());
  EXPECT_FALSE(window.findChild<Banner*>()->isVisible());
}

TEST_F(Beginning, TheComparisonShowsOneRowForEachNumberOfPs) {
  const Theme theme;
  ComparisonDialog dialog(theme, false, nullptr);
  QSignalSpy measured(&dialog, &ComparisonDialog::measured);
  dialog.open();
  dialog.measure();
  ASSERT_TRUE(measured.wait(kPatienceMs));
  ASSERT_TRUE(measured[0][0].toBool());
  const auto* table = dialog.findChild<QTableWidget*>();
  ASSERT_EQ(table->rowCount(), 2);
  const char* const expected[][2] = {{"1", "132"}, {"64", "8,448"}};  // 132 span classes in each P's cache
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 2; ++column)
      EXPECT_EQ(table->item(row, column)->text(), QLatin1String(expected[row][column]));
    for (int column = 2; column < table->columnCount(); ++column)
      EXPECT_FALSE(table->item(row, column)->text().isEmpty());
  }
}

TEST_F(Beginning, AFailedComparisonShowsItsErrorAndNoFigures) {
  pretend("#!/bin/sh\necho 'sweepctl: lazy failed its self-check' >&2\nexit 1\n");
  const Theme theme;
  ComparisonDialog dialog(theme, false, nullptr);
  QSignalSpy measured(&dialog, &ComparisonDialog::measured);
  dialog.open();
  dialog.measure();
  ASSERT_TRUE(measured.wait(kPatienceMs));
  EXPECT_FALSE(measured[0][0].toBool());
  EXPECT_EQ(dialog.findChild<QTableWidget*>()->rowCount(), 0);
  const auto labels = dialog.findChildren<QLabel*>();
  EXPECT_TRUE(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
    return label->text().contains(QLatin1String("lazy failed its self-check"));
  }));
}

TEST_F(Beginning, TheDemoIsStoppedDuringAMeasurementAndRestartedAfterIt) {
  MainWindow window(options_);
  window.show();
  window.begin();
  const auto watching = [&] { return window.session().source() == SessionController::Source::kLive; };
  ASSERT_TRUE(QTest::qWaitFor(watching, kPatienceMs));
  tile(window, "compareTile")->click();
  auto* dialog = window.findChild<ComparisonDialog*>();
  ASSERT_NE(dialog, nullptr);
  EXPECT_TRUE(dialog->measuring());
  EXPECT_EQ(window.session().source(), SessionController::Source::kNone);
  const auto* map = window.findChild<MapWidget*>(QStringLiteral("map"));
  EXPECT_TRUE(map->emptyText().contains(QLatin1String("is stopped"))) << qPrintable(map->emptyText());
  dialog->reject();
  EXPECT_TRUE(QTest::qWaitFor(watching, kPatienceMs));
}

}  // namespace
}  // namespace sweepscope::gui
