// The window at every size: its regions do not overlap, and it fits its screen.
#include <gtest/gtest.h>
#include <QAction>
#include <QComboBox>
#include <QDockWidget>
#include <QListView>
#include <QMenuBar>
#include <QScreen>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QStatusBar>
#include <QTest>
#include <QToolBar>

#include "gui/app/main_window.h"
#include "gui/app/screen_fit.h"
#include "gui/views/inspector.h"
#include "gui/views/map_widget.h"
#include "gui/views/overlays.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/timeline_widget.h"
#include "tests/gui/colour_science.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 20'000;

struct Window {
  QTemporaryDir directory;
  Options options;
  std::unique_ptr<MainWindow> window;

  explicit Window(QSize size = QSize(1280, 720), ThemeKind theme = ThemeKind::kDark) {
    options.screenshot = QStringLiteral("unused.png");  // keeps this test's settings out of the user's
    options.size = size;
    options.theme = theme;
  }
  QString recording(const QString& name, uint64_t seed) {
    const QString path = testing::record(directory, testing::session(seed));
    QFile::rename(path, directory.filePath(name));
    return directory.filePath(name);
  }
  void show() {
    window = std::make_unique<MainWindow>(options);
    window->show();
    if (!options.file.isEmpty()) {
      window->begin();
      arrive();
    }
    QCoreApplication::processEvents();
  }
  void arrive() {
    EXPECT_TRUE(QTest::qWaitFor(
        [&] {
          const SessionController& session = window->session();
          return session.source() == SessionController::Source::kRecording && !session.opening() &&
                 !session.seeking();
        },
        kPatienceMs));
  }
  template <class Widget>
  Widget* find() {
    return window->findChild<Widget*>();
  }
  QAction* action(const char* text) {
    for (QAction* action : window->actions())
      if (action->text().remove(QLatin1Char('&')) == QLatin1String(text)) return action;
    return nullptr;
  }
  QListView* events() {
    for (auto* list : window->findChildren<QListView*>())
      if (list->accessibleName() == QLatin1String("Events around the play head")) return list;
    return nullptr;
  }
  std::vector<std::pair<QString, QRect>> regions() {
    std::vector<std::pair<QString, QRect>> all;
    const auto add = [&](const QString& name, const QWidget* widget) {
      if (widget->isVisible())
        all.emplace_back(name, QRect(widget->mapTo(window.get(), QPoint(0, 0)), widget->size()));
    };
    add(QStringLiteral("map"), find<MapWidget>());
    add(QStringLiteral("ruler"), find<RulerWidget>());
    add(QStringLiteral("banner"), find<Banner>());
    add(QStringLiteral("menu"), window->menuBar());
    add(QStringLiteral("status"), window->statusBar());
    for (const auto* bar : window->findChildren<QToolBar*>()) add(bar->objectName(), bar);
    for (const auto* dock : window->findChildren<QDockWidget*>()) add(dock->objectName(), dock);
    return all;
  }
};

TEST(Layout, RegionsNeverOverlapAtAnySizeAndMapAndRulerStayVisible) {
  Window w;
  w.options.file = w.recording(QStringLiteral("a.mcap"), 41);
  w.show();
  for (const QSize size :
       {QSize(1440, 840), QSize(1280, 720), QSize(1100, 640), QSize(900, 600), QSize(720, 450),
        QSize(640, 480), QSize(640, 420), QSize(900, 600), QSize(1440, 840)}) {
    w.window->resize(size);
    QCoreApplication::processEvents();
    QCoreApplication::processEvents();
    ASSERT_EQ(w.window->size(), size);
    const auto regions = w.regions();
    for (size_t i = 0; i < regions.size(); ++i) {
      EXPECT_TRUE(QRect(QPoint(0, 0), size).contains(regions[i].second))
          << regions[i].first.toStdString() << " at " << size.width() << "x" << size.height();
      for (size_t j = 0; j < i; ++j)
        EXPECT_FALSE(regions[i].second.intersects(regions[j].second))
            << regions[i].first.toStdString() << " over " << regions[j].first.toStdString() << " at "
            << size.width() << "x" << size.height();
    }
    EXPECT_GE(w.find<MapWidget>()->width(), 480);
    EXPECT_GE(w.find<MapWidget>()->height(), size.height() < 540 ? 120 : 240);
    EXPECT_TRUE(w.find<RulerWidget>()->isVisible());
  }
}

TEST(Layout, PanelsCollapseInTheirOrderAndComeBack) {
  Window w(QSize(1440, 840));
  w.show();
  const auto shown = [&](const char* name) {
    return !w.window->findChild<QDockWidget*>(QLatin1String(name))->isHidden();
  };
  EXPECT_TRUE(shown("inspectorDock") && shown("processorsDock") && shown("timelineDock"));
  w.window->resize(900, 600);
  EXPECT_FALSE(shown("inspectorDock"));
  EXPECT_TRUE(shown("processorsDock") && shown("timelineDock"));
  w.window->resize(640, 480);
  EXPECT_FALSE(shown("timelineDock"));
  EXPECT_TRUE(shown("processorsDock"));
  w.window->resize(1440, 840);
  EXPECT_TRUE(shown("inspectorDock") && shown("processorsDock") && shown("timelineDock"));
  w.window->findChild<QDockWidget*>(QStringLiteral("timelineDock"))->hide();  // by the user
  w.window->resize(640, 480);
  w.window->resize(1440, 840);
  EXPECT_FALSE(shown("timelineDock"));
}

TEST(Layout, AnInspectorOpenedInANarrowWindowTakesThePlaceOfTheProcessors) {
  for (const QSize size : {QSize(900, 600), QSize(640, 480)}) {
    Window w(size);
    w.show();
    w.window->findChild<QDockWidget*>(QStringLiteral("inspectorDock"))->show();
    QCoreApplication::processEvents();
    QCoreApplication::processEvents();
    const auto regions = w.regions();
    for (size_t i = 0; i < regions.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        EXPECT_FALSE(regions[i].second.intersects(regions[j].second))
            << regions[i].first.toStdString() << " over " << regions[j].first.toStdString() << " at "
            << size.width();
    EXPECT_TRUE(w.window->findChild<QDockWidget*>(QStringLiteral("processorsDock"))->isHidden());
    w.window->findChild<QDockWidget*>(QStringLiteral("inspectorDock"))->hide();
    EXPECT_FALSE(w.window->findChild<QDockWidget*>(QStringLiteral("processorsDock"))->isHidden());
  }
}

TEST(ScreenFit, AWindowWithItsFrameLiesOnItsScreen) {
  const QRect screen(0, 0, 1440, 900), panelled(0, 28, 1440, 872);
  const QMargins frame(2, 30, 2, 2);
  for (const QRect& room : {screen, panelled})
    for (const QRect& client : {QRect(0, 0, 1440, 900), QRect(0, 0, 1440, 840), QRect(300, 500, 1200, 700),
                                QRect(-50, -50, 640, 480), QRect(5000, 0, 3000, 2000)})
      EXPECT_TRUE(room.contains(fitted(client, frame, room).marginsAdded(frame)))
          << client.width() << "x" << client.height();
  EXPECT_EQ(fitted(QRect(100, 100, 640, 480), frame, screen), QRect(100, 100, 640, 480));
  EXPECT_EQ(fitted(QRect(2, 30, 1440, 840), frame, screen).height(), 840);
}

TEST(ScreenFit, WithoutASizeTheWindowIsNoLargerThanItsScreen) {
  Window w{QSize()};
  w.show();
  EXPECT_TRUE(w.window->screen()->availableGeometry().contains(w.window->frameGeometry()))
      << w.window->width() << "x" << w.window->height();
}

TEST(EventList, HasTheEventsBeforeTheEndAndAfterTheStart) {
  Window w(QSize(1440, 840));
  w.options.file = w.recording(QStringLiteral("a.mcap"), 41);
  w.show();
  w.find<Inspector>()->setCurrentIndex(2);
  const auto rowsAfter = [&](const char* text) {
    w.action(text)->trigger();
    w.arrive();
    const auto moved = [&] {
      const auto* model = w.events()->model();
      return model->rowCount() > 0 &&
             model->index(0, 0).data(EventListModel::kSeqRole).toULongLong() ==
                 w.window->session()
                     .player()
                     .window()[static_cast<size_t>(std::max<int64_t>(
                         static_cast<int64_t>(w.window->session().player().position()) - 60, 0))]
                     .seq;
    };
    EXPECT_TRUE(QTest::qWaitFor([&] { return !w.window->session().player().window().empty() && moved(); },
                                kPatienceMs))
        << text;
    return w.events()->model()->rowCount();
  };
  ASSERT_GT(rowsAfter("Go to end"), 10);
  const auto* model = w.events()->model();
  EXPECT_TRUE(model->index(model->rowCount() - 1, 0).data(EventListModel::kCurrentRole).toBool());
  EXPECT_EQ(model->index(model->rowCount() - 1, 0).data(EventListModel::kSeqRole).toULongLong() + 1,
            w.window->session().log()->extent().end_seq);
  ASSERT_GT(rowsAfter("Go to start"), 10);
  EXPECT_EQ(model->index(0, 0).data(EventListModel::kSeqRole).toULongLong(), 0u);
  EXPECT_FALSE(model->index(0, 0).data(EventListModel::kCurrentRole).toBool())
      << "nothing has been played yet";
}

TEST(EventList, AnActivatedRowBecomesTheCurrentOneAmongItsNeighbours) {
  Window w(QSize(1440, 840));
  w.options.file = w.recording(QStringLiteral("a.mcap"), 41);
  w.show();
  const uint64_t seq = w.window->session().log()->extent().end_seq / 2;
  emit w.find<Inspector>()->seekRequested(seq + 1);
  w.arrive();
  const Player& player = w.window->session().player();
  ASSERT_GT(player.position(), 0u);
  EXPECT_EQ(player.window()[player.position() - 1].seq, seq);
}

TEST(NewSession, StartsWithItsWholeRangeEveryStateAndNoSelection) {
  Window w;
  const QString first = w.recording(QStringLiteral("a.mcap"), 41),
                second = w.recording(QStringLiteral("b.mcap"), 42);
  w.options.file = first;
  w.show();
  auto* timeline = w.find<TimelineWidget>();
  timeline->zoomBy(0.01, 400);
  w.find<RulerWidget>()->setFilter(maskOf(CellState::kStale));
  QTest::keyClick(w.find<MapWidget>(), Qt::Key_Right);
  Window fresh;
  fresh.options.file = second;
  fresh.show();
  const auto opened = [&](const QString& path) {
    QSignalSpy spy(&const_cast<SessionController&>(w.window->session()), &SessionController::opened);
    const_cast<SessionController&>(w.window->session()).openRecording(path, {});
    EXPECT_TRUE(spy.wait(kPatienceMs));
    w.arrive();
  };
  opened(second);
  EXPECT_EQ(timeline->range(), fresh.find<TimelineWidget>()->range());
  EXPECT_EQ(w.find<RulerWidget>()->filter(), kEveryState);
  EXPECT_EQ(w.find<MapWidget>()->selected(), telemetry::kNoId);
}

TEST(Notices, AFilterWithoutSpansShowsACaptionUntilThereAreSome) {
  Window w;
  w.options.file = w.recording(QStringLiteral("a.mcap"), 41);
  w.show();
  auto& session = const_cast<SessionController&>(w.window->session());
  session.setPlaying(false);
  uint64_t none = 0, some = 0;
  telemetry::Replica replica;
  const auto events = testing::session(41);
  for (uint64_t seq = 0; seq < events.size() && some == 0; ++seq) {
    replica.apply(events[seq]);
    const bool needs = replica.census().spans[static_cast<size_t>(telemetry::SweepState::kNeeds)] > 0;
    if (!needs && seq > 20) none = seq + 1;
    if (needs && none > 0) some = seq + 1;
  }
  ASSERT_GT(some, none);
  session.seekSeq(none);
  w.arrive();
  auto* caption = w.find<Caption>();
  w.find<RulerWidget>()->setFilter(maskOf(CellState::kNeeds));
  EXPECT_TRUE(caption->displays(QStringLiteral(
      "No span needs sweeping now. Press . for the next phase, or Shift+Esc to see every state.")))
      << qPrintable(caption->accessibleName());
  session.seekSeq(some);
  w.arrive();
  EXPECT_TRUE(caption->isHidden());
}

TEST(ToolBar, TheListOfSpeedsIsReadableInEveryTheme) {
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kProjector}) {
    Window w(QSize(1280, 720), kind);
    w.options.file = w.recording(QStringLiteral("a.mcap"), 41);
    w.show();
    auto* speed = w.find<QComboBox>();
    speed->showPopup();
    QCoreApplication::processEvents();
    auto* view = speed->view();
    const QImage image = view->viewport()->grab().toImage();
    for (int i = 0; i < speed->count(); ++i) {
      const QRect row = view->visualRect(speed->model()->index(i, 0)) & image.rect();
      if (row.height() < 12) continue;  // scrolled out
      const QRgb ground = image.pixel(row.right() - 3, row.center().y());
      double most = 1;
      for (int y = row.top(); y <= row.bottom(); ++y)
        for (int x = row.left(); x <= row.right(); ++x)
          most = std::max(most, testing::contrast(image.pixel(x, y), ground));
      EXPECT_GE(most, 4.5) << themeName(kind).toStdString() << ", row " << i;
    }
    speed->hidePopup();
  }
  Theme().apply(*qApp);
}

}  // namespace
}  // namespace sweepscope::gui
