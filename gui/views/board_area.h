// The protocol board over its ruler; the board's table twin takes its place on request. For the step mode and the lessons.
#pragma once

#include <QWidget>

#include "gui/models/bench_scene.h"
#include "gui/theme/theme.h"

class QStackedWidget;
class QTableView;

namespace sweepscope::gui {

class BoardTable;
class BoardWidget;
class RulerWidget;

class BoardArea : public QWidget {
  Q_OBJECT

 public:
  BoardArea(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);

  void onScene();
  void showTable(bool table);
  void setRulerHeight(int height);

  BoardWidget* board;
  RulerWidget* ruler;

 signals:
  void hovered(const QString& text);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void arrange();

  QStackedWidget* boards_;
  QTableView* table_;
  BoardTable* tableModel_;
};

}  // namespace sweepscope::gui
