// The Ps and their mcaches. Up to 8 Ps are drawn as two lines of span classes each, up to 64 as a row each; more,
// or a narrow panel, as one tile per P. Below: the 132 cells of the selected P. GUI thread.
#pragma once

#include <QWidget>
#include <array>
#include <bitset>

#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"
#include "gui/views/map_raster.h"

namespace sweepscope::gui {

class ProcessorsPanel : public QWidget {
  Q_OBJECT

 public:
  ProcessorsPanel(const SessionController& session, const Theme& theme, QWidget* parent = nullptr);

  void onPicture();
  void reset();  // for another session: clears the selected P and the used classes
  void setFilter(StateMask filter);
  void setCompact(bool compact);  // for a narrow panel: always tiles, and no cells below
  QString sentence() const;       // "4 Ps: 1 stale, 3 running"
  QSize sizeHint() const override { return {248, 500}; }
  QSize minimumSizeHint() const override { return compact_ ? QSize(96, 80) : QSize(180, 160); }

 signals:
  void hovered(const QString& text);
  void spanChosen(sweepscope::telemetry::SpanId span);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  enum class Form : uint8_t { kLines, kRows, kTiles };
  Form form() const;
  QRectF listRect() const;
  QRectF detailRect() const;
  bool hasDetail() const { return listRect().bottom() <= detailRect().top(); }
  QRectF boxOf(size_t p) const;
  int pAt(QPointF pos) const;
  int cellAt(QPointF pos) const;  // span class in the detail grid, -1: none
  QRectF detailCell(int spanClass) const;
  CellState worst(const telemetry::PPicture& p) const;
  QColor statusColour(telemetry::PStatus status) const;
  void columnEdges(double left, double width, int step,
                   std::array<double, telemetry::kSpanClasses + 1>& edges) const;
  void paintLines(QPainter& painter, size_t p, const QRectF& box) const;
  void paintRow(QPainter& painter, size_t p, const QRectF& box) const;
  void paintTile(QPainter& painter, size_t p, const QRectF& box) const;
  void paintDetail(QPainter& painter) const;
  void paintCell(QPainter& painter, const QRectF& box, telemetry::SpanId id, bool glyph) const;
  void noteUsedClasses();

  const SessionController& session_;
  const Theme& theme_;
  StateMask filter_ = kEveryState;
  bool compact_ = false;
  size_t selected_ = 0;
  std::bitset<telemetry::kSpanClasses>
      used_;  // classes cached by any P so far: only grows, so that columns do not move
};

}  // namespace sweepscope::gui
