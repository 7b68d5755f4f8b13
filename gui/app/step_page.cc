#include "gui/app/step_page.h"

#include <QHeaderView>
#include <QStackedWidget>
#include <QTableView>

#include "gui/models/board_census.h"
#include "gui/views/bench_inspector.h"
#include "gui/views/board_table.h"
#include "gui/views/board_widget.h"
#include "gui/views/breadcrumb.h"
#include "gui/views/lanes_widget.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/threads_panel.h"

namespace sweepscope::gui {

namespace {

constexpr int kWide = 1400;  // from here the Inspector has a place of its own
constexpr int kThreads = 300, kThreadsNarrow = 220, kInspector = 340;
constexpr int kRuler = 96, kRulerLow = 64, kLowBelow = 720, kLanes = 160, kCrumbs = 24;

}  // namespace

StepPage::StepPage(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QWidget(parent), scene_(scene), theme_(theme) {
  centre_ = new QWidget(this);
  threads = new ThreadsPanel(scene, theme, this);
  boards_ = new QStackedWidget(centre_);
  board = new BoardWidget(scene, theme, boards_);
  table_ = new QTableView(boards_);
  tableModel_ = new BoardTable(scene, table_);
  table_->setModel(tableModel_);
  table_->setObjectName(QStringLiteral("boardTable"));
  table_->setAccessibleName(tr("Spans of the protocol board"));
  table_->verticalHeader()->hide();
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->horizontalHeader()->setStretchLastSection(true);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft);
  boards_->addWidget(board);
  boards_->addWidget(table_);
  ruler = new RulerWidget(
      [&scene] {
        RulerReading reading;
        const telemetry::BenchView* view = scene.shownView();
        if (view == nullptr) return reading;
        reading.census = boardCensus(view->board);
        reading.sg = view->board.sg;
        reading.sgKnown = view->board.known;
        reading.pages = pagesOf(view->board);
        return reading;
      },
      theme, centre_);
  breadcrumb = new Breadcrumb(scene, theme, this);
  lanes = new LanesWidget(scene, theme, this);
  inspector = new BenchInspector(scene, theme, this);
  inspector->setAutoFillBackground(true);

  connect(breadcrumb, &Breadcrumb::nodeRequested, this, &StepPage::nodeRequested);
  connect(lanes, &LanesWidget::nodeRequested, this, &StepPage::nodeRequested);
  connect(inspector, &BenchInspector::nodeRequested, this, &StepPage::nodeRequested);
  connect(ruler, &RulerWidget::filterChanged, board, &BoardWidget::setFilter);
  connect(ruler, &RulerWidget::hovered, this, &StepPage::hovered);
  connect(board, &BoardWidget::hovered, this, &StepPage::hovered);
  connect(lanes, &LanesWidget::hovered, this, &StepPage::hovered);
  connect(threads, &ThreadsPanel::chosenChanged, this, [this](quint32 thread) {
    lanes->onScene(thread);
    inspector->onScene(thread);
  });
  setTabOrder(threads, board);
  setTabOrder(board, ruler);
  setTabOrder(ruler, inspector);
  setTabOrder(inspector, breadcrumb);
  setTabOrder(breadcrumb, lanes);
}

void StepPage::onScene() {
  threads->onScene();
  board->onScene();
  if (boards_->currentWidget() == table_) tableModel_->onScene();
  ruler->onPicture();
  breadcrumb->onScene();
  lanes->onScene(threads->chosen());
  inspector->onScene(threads->chosen());
}

void StepPage::showTable(bool table) {
  boards_->setCurrentWidget(table ? static_cast<QWidget*>(table_) : board);
  if (table) {
    tableModel_->onScene();
    table_->resizeColumnsToContents();
  }
  boards_->currentWidget()->setFocus();
}

void StepPage::showInspector(bool shown) {
  inspectorShown_ = shown;
  arrange();
  if (shown) inspector->raise();
}

void StepPage::toggleFold() { lanes->toggleFold(scene_.shown()); }

// In a narrow window the Inspector lies over the board, and is closed at first.
void StepPage::arrange() {
  const bool wide = width() >= kWide, low = height() < kLowBelow;
  if (wide != wide_) wide_ = wide, inspectorShown_ = wide;
  const int left = wide ? kThreads : kThreadsNarrow, lanesTop = height() - kLanes, top = lanesTop - kCrumbs;
  threads->setGeometry(0, 0, left, top);
  const int inspectorLeft = width() - kInspector;
  inspector->setVisible(inspectorShown_);
  inspector->setGeometry(inspectorLeft, 0, kInspector, top);
  const int right = inspectorShown_ && wide ? inspectorLeft - 1 : width();
  centre_->setGeometry(left + 1, 0, right - left - 1, top);
  const int rulerHeight = low ? kRulerLow : kRuler;
  boards_->setGeometry(0, 0, centre_->width(), top - rulerHeight);
  ruler->setFixedHeight(rulerHeight);
  ruler->setGeometry(0, top - rulerHeight, centre_->width(), rulerHeight);
  breadcrumb->setGeometry(0, top, width(), kCrumbs);
  lanes->setGeometry(0, lanesTop, width(), kLanes);
}

void StepPage::resizeEvent(QResizeEvent*) { arrange(); }

}  // namespace sweepscope::gui
