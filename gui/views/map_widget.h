// The map of the heap: a thin widget over MapRaster. Wheel zooms, drag pans, arrows move by span, a click selects;
// hovered() feeds the status line. GUI thread.
#pragma once

#include <QWidget>

#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"
#include "gui/views/map_raster.h"

namespace sweepscope::gui {

class MapWidget : public QWidget {
  Q_OBJECT

 public:
  MapWidget(const SessionController& session, const Theme& theme, QWidget* parent = nullptr);

  void onPicture(const std::vector<PageRun>& dirty, bool everything);
  void onThemeChanged();
  void setFilter(StateMask filter);
  void setPolicy(ZoomPolicy policy);
  ZoomPolicy policy() const { return view_.policy; }
  void select(telemetry::SpanId span);
  telemetry::SpanId selected() const { return selected_; }
  const SessionController& session() const { return session_; }
  bool showsSquares() const {
    return view_.layout.shrink() == 0 && view_.layout.cellPx() >= 2;
  }                                                // one per page
  telemetry::SpanId spanUnder(QPointF pos) const;  // kNoId: none
  QRect cellRect(uint32_t page) const;             // in widget coordinates; may lie outside the widget
  void selectNextOf(StateMask states, int direction);
  void zoomToFit();
  void zoomBy(int steps, QPointF around);
  double lastPaintMs() const { return lastPaintMs_; }
  QString emptyText() const { return emptyText_; }
  void setEmptyText(const QString& text);

 signals:
  void selectionChanged(sweepscope::telemetry::SpanId span);
  void hovered(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  MapLayout wholeHeap() const;  // with the largest cells that fit
  void fit();
  void clampOrigin();
  void applyView();
  uint32_t pageUnder(QPointF pos) const;
  QString hoverText(uint32_t page) const;
  QRegion outline(const telemetry::SpanPicture& span) const;
  void paintSpan(QPainter& painter, const telemetry::SpanPicture& span, const QPen& pen) const;
  void paintLargeObjects(QPainter& painter) const;
  void paintEmpty(QPainter& painter) const;
  void moveSelection(int direction);
  void moveSelectionByRow(int direction);
  void ensureVisible(uint32_t page);

  const SessionController& session_;
  const Theme& theme_;
  MapRaster raster_;
  MapView view_;
  bool fitted_ = true;  // follows the extent until the user zooms
  uint32_t fittedPages_ = 0;
  telemetry::SpanId selected_ = telemetry::kNoId, hovered_ = telemetry::kNoId;
  QPointF pressed_;
  QPoint pressedOrigin_;
  bool panning_ = false;
  double lastPaintMs_ = 0;
  QString emptyText_;
};

}  // namespace sweepscope::gui
