// The thread lanes: a space-time diagram of the branch that is shown (models/lane_layout.h). A click on a column goes to
// its step; a click on its head opens or folds the accesses that belong to its arcs.
#pragma once

#include <QAbstractScrollArea>
#include <set>

#include "gui/models/lane_layout.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class LanesWidget : public QAbstractScrollArea {
  Q_OBJECT

 public:
  LanesWidget(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);

  void onScene(uint32_t chosenThread);
  void toggleFold(uint32_t node);
  // The lanes show the steps after this node only, and this text if there is none; kNoNode: all steps.
  void beginAt(uint32_t node, const QString& empty);
  QRect boxOfThread(
      uint32_t thread) const;  // its lane, in this widget's coordinates; empty: it has none, or no step
  const LaneDiagram& diagram() const { return diagram_; }

 signals:
  void nodeRequested(quint32 node);
  void hovered(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void layOut();
  const LaneColumn* columnAt(int x) const;
  QString sentenceAt(QPoint body) const;
  void paintNames(QPainter& painter) const;
  void paintColumns(QPainter& painter, const QRect& visible) const;
  void paintArrows(QPainter& painter, const QRect& visible) const;
  void paintMark(QPainter& painter, const LaneMark& mark) const;

  const BenchScene& scene_;
  const Theme& theme_;
  LaneDiagram diagram_;
  std::set<uint32_t> open_;
  uint32_t chosen_ = 0, shown_ = ~0u, from_ = telemetry::kNoNode;
  QString empty_;
};

}  // namespace sweepscope::gui
