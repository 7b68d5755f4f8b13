// The protocol board as a widget: scrolls when the spans need more room, selects a card by mouse or keys, and names it in
// a sentence. Its twin for screen readers is BoardTable.
#pragma once

#include <QAbstractScrollArea>
#include <QVector>

#include "gui/models/bench_scene.h"
#include "gui/models/board_layout.h"
#include "gui/models/object_layout.h"
#include "gui/models/state_mask.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class BoardWidget : public QAbstractScrollArea {
  Q_OBJECT

 public:
  BoardWidget(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);

  void onScene();
  void setFilter(StateMask filter);
  const BoardLayout& layoutShown() const { return layout_; }
  const ObjectLayout& objectsShown() const { return objects_; }
  telemetry::SpanId selected() const { return selected_; }
  void select(telemetry::SpanId span);
  // Where they are drawn, in this widget's coordinates; empty: not visible.
  QRect boxOfSg() const;
  QRect boxOfSpan(telemetry::SpanId span) const;
  QVector<QRect> boxesOfPlace(telemetry::BoardPlace place, uint16_t p = telemetry::kNoP) const;
  QRect boxOfObjects() const;  // with their roots
  QRect boxOfObject(uint32_t number) const;
  QVector<QRect> boxesOfQueues() const;  // the lines that name a span's queue
  QString summary() const;               // the board in a sentence, its accessible description

 signals:
  void hovered(const QString& text);
  void spanSelected(quint32 span);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  void layOut();
  QRect visiblePart(const QRect& ofLayout) const;
  QPoint bodyAt(QPoint viewport) const;  // the point of the layout under it
  int cardOf(telemetry::SpanId span) const;
  int head() const;  // of the picture above the cards, pixels
  QString sentenceAt(int card) const;
  QString objectSentenceAt(QPoint viewport) const;
  int bodyTop() const;  // of the spans; above them lie the head and the objects, which do not scroll

  const BenchScene& scene_;
  const Theme& theme_;
  BoardLayout layout_;
  ObjectLayout objects_;
  StateMask filter_ = kEveryState;
  telemetry::SpanId selected_ = telemetry::kNoId;
};

}  // namespace sweepscope::gui
