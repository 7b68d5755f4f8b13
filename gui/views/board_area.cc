#include "gui/views/board_area.h"

#include <QHeaderView>
#include <QStackedWidget>
#include <QTableView>

#include "gui/models/board_census.h"
#include "gui/views/board_table.h"
#include "gui/views/board_widget.h"
#include "gui/views/ruler_widget.h"

namespace sweepscope::gui {

BoardArea::BoardArea(const BenchScene& scene, const Theme& theme, QWidget* parent) : QWidget(parent) {
  boards_ = new QStackedWidget(this);
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
        reading.complete = scene.state().setup.fault.empty();
        return reading;
      },
      theme, this);
  connect(ruler, &RulerWidget::filterChanged, board, &BoardWidget::setFilter);
  connect(ruler, &RulerWidget::hovered, this, &BoardArea::hovered);
  connect(board, &BoardWidget::hovered, this, &BoardArea::hovered);
}

void BoardArea::onScene() {
  board->onScene();
  if (boards_->currentWidget() == table_) tableModel_->onScene();
  ruler->onPicture();
}

void BoardArea::showTable(bool table) {
  boards_->setCurrentWidget(table ? static_cast<QWidget*>(table_) : board);
  if (table) {
    tableModel_->onScene();
    table_->resizeColumnsToContents();
  }
  boards_->currentWidget()->setFocus();
}

void BoardArea::setRulerHeight(int height) {
  ruler->setFixedHeight(height);
  arrange();
}

void BoardArea::arrange() {
  const int top = height() - ruler->height();
  boards_->setGeometry(0, 0, width(), top);
  ruler->setGeometry(0, top, width(), ruler->height());
}

void BoardArea::resizeEvent(QResizeEvent*) { arrange(); }

}  // namespace sweepscope::gui
