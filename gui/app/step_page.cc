#include "gui/app/step_page.h"

#include "gui/views/bench_inspector.h"
#include "gui/views/board_area.h"
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
  threads = new ThreadsPanel(scene, theme, this);
  centre_ = new BoardArea(scene, theme, this);
  board = centre_->board;
  ruler = centre_->ruler;
  breadcrumb = new Breadcrumb(scene, theme, this);
  lanes = new LanesWidget(scene, theme, this);
  inspector = new BenchInspector(scene, theme, this);
  inspector->setAutoFillBackground(true);

  connect(breadcrumb, &Breadcrumb::nodeRequested, this, &StepPage::nodeRequested);
  connect(lanes, &LanesWidget::nodeRequested, this, &StepPage::nodeRequested);
  connect(inspector, &BenchInspector::nodeRequested, this, &StepPage::nodeRequested);
  connect(centre_, &BoardArea::hovered, this, &StepPage::hovered);
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
  centre_->onScene();
  breadcrumb->onScene();
  lanes->onScene(threads->chosen());
  inspector->onScene(threads->chosen());
}

void StepPage::showTable(bool table) { centre_->showTable(table); }

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
  centre_->setRulerHeight(low ? kRulerLow : kRuler);
  breadcrumb->setGeometry(0, top, width(), kCrumbs);
  lanes->setGeometry(0, lanesTop, width(), kLanes);
}

void StepPage::resizeEvent(QResizeEvent*) { arrange(); }

}  // namespace sweepscope::gui
