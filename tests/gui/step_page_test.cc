// The step mode's page and window: regions at both sizes, names for every control, the walk by keys, hostile states.
#include <gtest/gtest.h>
#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QListWidget>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTest>

#include "gui/app/step_page.h"
#include "gui/app/step_window.h"
#include "gui/views/bench_form.h"
#include "gui/views/bench_inspector.h"
#include "gui/views/board_widget.h"
#include "gui/views/breadcrumb.h"
#include "gui/views/lanes_widget.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/source_pane.h"
#include "gui/views/threads_panel.h"
#include "tests/gui/support/bench_fixture.h"

namespace sweepscope::gui {
namespace {

using telemetry::BenchStepKind;
using testing::Story;

struct Page {
  testing::BenchFixture fixture;
  BenchScene scene;
  Theme theme{ThemeKind::kDark};
  StepPage page{scene, theme};

  explicit Page(testing::BenchFixture f, QSize size = QSize(1440, 774))
      : fixture(std::move(f)), scene(testing::benchScene(fixture)) {
    page.resize(size);
    page.show();
    page.threads->setCanStep(true, {});
    page.onScene();
  }
};

Options stepOptions() {
  Options options;
  options.step = true;
  options.screenshot = QStringLiteral("unused.png");
  options.size = QSize(1440, 840);
  return options;
}

TEST(StepPage, RegionsFillTheWindowWithoutOverlapAtBothSizes) {
  for (const QSize size : {QSize(1440, 774), QSize(1280, 594)}) {
    const bool wide = size.width() >= 1400;
    Page p(testing::benchFixture(Story::kCorrect), size);
    const auto box = [&](const QWidget* w) { return QRect(w->mapTo(&p.page, QPoint(0, 0)), w->size()); };
    const std::vector<QRect> boxes = {box(p.page.threads), box(p.page.board), box(p.page.ruler),
                                      box(p.page.lanes), box(p.page.breadcrumb)};
    for (size_t i = 0; i < boxes.size(); ++i) {
      EXPECT_TRUE(p.page.rect().contains(boxes[i])) << i;
      for (size_t j = i + 1; j < boxes.size(); ++j)
        EXPECT_FALSE(boxes[i].intersects(boxes[j])) << i << " " << j;
    }
    EXPECT_EQ(p.page.threads->width(), wide ? 300 : 220);
    EXPECT_EQ(p.page.ruler->height(), wide ? 96 : 64);
    EXPECT_EQ(p.page.lanes->height(), 160);
    EXPECT_EQ(p.page.breadcrumb->height(), 24);
    EXPECT_EQ(p.page.inspector->isVisible(), wide);
    p.page.showInspector(true);
    EXPECT_EQ(box(p.page.inspector).intersects(box(p.page.board)),
              !wide);  // an overlay where there is no room
  }
}

TEST(StepPage, EveryControlHasAnAccessibleNameOrAText) {
  Page p(testing::benchFixture(Story::kCorrect));
  for (const auto* button : p.page.findChildren<QAbstractButton*>()) {
    if (button->objectName().startsWith(QLatin1String("qt_")) ||
        button->metaObject()->className() == QByteArray("QTableCornerButton"))
      continue;
    if (!button->isVisible()) continue;
    EXPECT_FALSE(button->accessibleName().isEmpty() && button->text().isEmpty())
        << button->metaObject()->className();
  }
  for (const char* name : {"board", "boardTable", "threads", "lanes", "breadcrumb", "ruler", "source"}) {
    const auto* widget = p.page.findChild<QWidget*>(QLatin1String(name));
    ASSERT_NE(widget, nullptr) << name;
    EXPECT_FALSE(widget->accessibleName().isEmpty()) << name;
  }
  EXPECT_TRUE(p.page.board->accessibleDescription().startsWith("sg 10, "))
      << qPrintable(p.page.board->accessibleDescription());
}

TEST(StepPage, TheTableTwinHasARowForEverySpanWithTheSameValues) {
  Page p(testing::benchFixture(Story::kCachedIsPlusTwo));
  p.scene.show(3);
  p.page.onScene();
  p.page.showTable(true);
  const auto* table = p.page.findChild<QTableView*>(QStringLiteral("boardTable"));
  ASSERT_EQ(table->model()->rowCount(), 4);
  const auto text = [&](int row, int column) { return table->model()->index(row, column).data().toString(); };
  EXPECT_EQ(text(1, 1), "in the cache of P1");
  EXPECT_EQ(text(1, 2), "+2");
  EXPECT_EQ(text(1, 3), "illegal");
  EXPECT_EQ(text(1, 8), "by this step");
  EXPECT_EQ(text(0, 8), "");
}

TEST(StepPage, TheButtonsAskForAStepOfTheChosenThread) {
  Page p(testing::benchFixture(Story::kCorrect));
  QSignalSpy asked(p.page.threads, &ThreadsPanel::stepRequested);
  p.page.threads->chooseRow(2);
  EXPECT_EQ(p.page.threads->chosen(), 2u);
  EXPECT_TRUE(p.page.threads->request(BenchStepKind::kRun));
  ASSERT_EQ(asked.size(), 1);
  EXPECT_EQ(asked[0][0].value<BenchStepKind>(), BenchStepKind::kRun);
  EXPECT_EQ(asked[0][1].toUInt(), 2u);
  p.scene.show(1);
  p.page.onScene();
  p.page.threads->chooseRow(0);  // blocked
  EXPECT_FALSE(p.page.threads->request(BenchStepKind::kArc));
  EXPECT_EQ(asked.size(), 1);
}

TEST(StepPage, ABlockedThreadStaysChosenSoThatTheNextKeyStepsNoOther) {
  Page p(testing::benchFixture(Story::kCorrect));
  p.page.threads->chooseRow(2);
  p.scene.show(1);
  p.page.onScene();
  ASSERT_EQ(p.scene.shownView()->threads[2].state, telemetry::BenchThreadState::kBlocked);
  EXPECT_EQ(p.page.threads->chosen(), 2u);
  QSignalSpy asked(p.page.threads, &ThreadsPanel::stepRequested);
  EXPECT_FALSE(p.page.threads->request(BenchStepKind::kArc));
  EXPECT_EQ(asked.size(), 0);
}

TEST(StepPage, AThreadThatMustChooseIsChosenAndItsAlternativesAreButtons) {
  Page p(testing::benchFixture(Story::kCorrect));
  QSignalSpy asked(p.page.threads, &ThreadsPanel::stepRequested);
  p.scene.show(5);
  p.page.onScene();
  EXPECT_EQ(p.page.threads->chosen(), 1u);
  QApplication::processEvents();  // shows the new buttons
  QAbstractButton* drop = nullptr;
  for (auto* button : p.page.threads->findChildren<QAbstractButton*>())
    if (button->isVisible() && button->text() == QLatin1String("drop object 2")) drop = button;
  ASSERT_NE(drop, nullptr);
  drop->click();
  ASSERT_EQ(asked.size(), 1);
  EXPECT_EQ(asked[0][0].value<BenchStepKind>(), BenchStepKind::kChoice);
  EXPECT_EQ(asked[0][2].toUInt(), 1u);
}

TEST(StepPage, UpAndDownWalkTheCardsAndNameThem) {
  Page p(testing::benchFixture(Story::kCorrect));
  QSignalSpy heard(p.page.board, &BoardWidget::hovered);
  std::set<uint32_t> seen;
  for (int i = 0; i < 4; ++i) {
    QTest::keyClick(p.page.board, Qt::Key_Down);
    seen.insert(p.page.board->selected());
    EXPECT_TRUE(
        heard.last()[0].toString().startsWith(QStringLiteral("Span %1 ").arg(p.page.board->selected())));
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST(StepPage, TheRuleTabCitesTheRuleAndTheSourceTabItsLine) {
  Page p(testing::benchFixture(Story::kCorrect));
  p.scene.show(3);
  p.page.onScene();
  const auto* rule = p.page.inspector->widget(0)->findChild<QWidget*>();
  ASSERT_NE(rule, nullptr);
  EXPECT_TRUE(rule->property("plainText").toString().contains("A swept span becomes cached, T2"))
      << qPrintable(rule->property("plainText").toString());
  EXPECT_FALSE(SourcePane::textOf(QStringLiteral("engine/heap/mcache.cc")).isEmpty());
  EXPECT_TRUE(SourcePane::textOf(QStringLiteral("engine/../engine/heap/mcache.cc")).isNull());
  EXPECT_TRUE(SourcePane::textOf(QStringLiteral("engine/heap/none.cc")).isNull());
}

TEST(StepPage, ThousandsOfSpansAndThreadsAreDrawnWithinBounds) {
  Page p(testing::hostileFixture(4096, 1024));
  EXPECT_EQ(p.page.board->layoutShown().cards.size(), 4096u);
  EXPECT_LT(p.page.findChildren<QWidget*>().size(), 200);  // no widget per thread or span
  EXPECT_FALSE(p.page.grab().isNull());
  for (const auto* label : p.page.findChildren<QLabel*>()) EXPECT_NE(label->textFormat(), Qt::RichText);
  p.page.threads->chooseRow(1000);
  EXPECT_EQ(p.page.threads->chosen(), 1000u);
  p.page.showTable(true);
  EXPECT_FALSE(p.page.grab().isNull());
}

TEST(StepPage, AnEmptyBoardAndAMissingViewAreDrawn) {
  testing::BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  fixture.views.clear();
  fixture.state.view.board = {};
  fixture.state.view.threads.clear();
  Page p(fixture);
  EXPECT_FALSE(p.page.grab().isNull());
  p.scene.show(2);  // its view was never received
  p.page.onScene();
  EXPECT_FALSE(p.page.grab().isNull());
}

TEST(StepWindow, EveryActionHasItsOwnKeyAndStepsAreOffWhileTheFormIsShown) {
  StepWindow window(stepOptions());
  QSet<QString> seen;
  for (const QAction* action : window.actions()) {
    for (const QKeySequence& key : action->shortcuts()) {
      EXPECT_FALSE(seen.contains(key.toString())) << qPrintable(key.toString());
      seen.insert(key.toString());
    }
    if (action->shortcut() == QKeySequence(Qt::Key_A)) {
      EXPECT_FALSE(action->isEnabled());
    }
  }
  for (const char* key :
       {"Return", "Space", "A", "R", "Left", "Right", "1", "9", "S", "T", "I", "F", "N", "H"})
    EXPECT_TRUE(seen.contains(QLatin1String(key))) << key;
}

TEST(BenchForm, AFaultThatCannotBeSteppedIsGreyedWithItsReason) {
  const testing::BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  const BenchScene scene = testing::benchScene(fixture);
  const Theme theme;
  BenchForm form(scene, theme);
  form.onCatalogue();
  const auto* faults = form.findChild<QListWidget*>();
  ASSERT_EQ(faults->count(), 5);
  EXPECT_TRUE(faults->item(1)->flags() & Qt::ItemIsEnabled);
  EXPECT_FALSE(faults->item(4)->flags() & Qt::ItemIsEnabled);
  EXPECT_TRUE(faults->item(4)->text().contains("steps are sequentially consistent"));
  telemetry::BenchSetup setup{"mcache", "eager", "acquirep-no-flush", 2, 1, 7, {}};
  form.setSetup(setup);
  EXPECT_EQ(form.setup(), setup);
}

TEST(BenchForm, ASurpriseIsChosenByChanceInsteadOfTheListAndOnlyInAChallenge) {
  const testing::BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  const BenchScene scene = testing::benchScene(fixture);
  const Theme theme;
  BenchForm form(scene, theme);
  form.onCatalogue();
  form.setSetup({"cycle", "lazy", "flushgen-before-flush", 2, 1, 7, {}});
  const auto box = [&](const char* text) {
    for (auto* candidate : form.findChildren<QCheckBox*>())
      if (candidate->text().remove(QLatin1Char('&')).startsWith(QLatin1String(text))) return candidate;
    return static_cast<QCheckBox*>(nullptr);
  };
  auto *challenge = box("Challenge"), *surprise = box("Surprise");
  auto* faults = form.findChild<QListWidget*>();
  form.setChance([] { return 1u; });
  EXPECT_FALSE(surprise->isEnabled());
  challenge->setChecked(true);
  EXPECT_TRUE(form.challenge());
  EXPECT_EQ(form.setup().fault, "flushgen-before-flush");
  surprise->setChecked(true);
  EXPECT_EQ(form.setup().fault, "acquirep-no-flush");
  EXPECT_FALSE(faults->isEnabled());
  EXPECT_EQ(faults->currentRow(), -1);
  challenge->setChecked(false);
  EXPECT_FALSE(form.surprise());
  EXPECT_EQ(form.setup().fault, "flushgen-before-flush");
}

}  // namespace
}  // namespace sweepscope::gui

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication app(argc, argv);
  sweepscope::gui::Theme().apply(*qApp);
  return RUN_ALL_TESTS();
}
