// The ruler, which is also the legend: columns of spans on an axis of absolute sweepgens. A turn writes to no
// span, so the columns stay fixed and the labels slide right by 2 in session time; then the view re-centres. A
// distance that no correct run produces is hatched; spans at such a distance get a column. A click filters all
// panels.
#pragma once

#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

#include "gui/models/heap_census.h"
#include "gui/models/ruler_geometry.h"
#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"
#include "gui/views/map_raster.h"

namespace sweepscope::gui {

// What a ruler shows at a moment.
struct RulerReading {
  HeapCensus census;
  uint32_t sg = 0;
  bool sgKnown = false;
  double turnShare = 1;  // of the last turn, on the screen
  uint32_t pages = 0;    // of the heap, for the shares of the columns
  bool complete = true;  // no rule is left out: an illegal distance never occurs, and the ruler says so
};

class RulerWidget : public QWidget {
  Q_OBJECT

 public:
  RulerWidget(const SessionController& session, const Theme& theme, QWidget* parent = nullptr);
  RulerWidget(std::function<RulerReading()> read, const Theme& theme, QWidget* parent = nullptr);

  void onPicture();
  StateMask filter() const { return filter_; }
  void setFilter(StateMask filter);

 signals:
  void filterChanged(sweepscope::gui::StateMask filter);
  void hovered(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  struct Entry {
    QRectF box;
    CellState state;
    SpanCount count;
    std::optional<int> distance = {};  // of a column; the tray has none
  };
  // The layout for a census.
  std::vector<Entry> entries(const RulerReading& reading) const;
  std::vector<Entry> tray(const HeapCensus& census) const;
  RulerGeometry geometry(const RulerReading& reading) const;
  double trayLeft(const HeapCensus& census) const;
  double trayColumn() const;
  double axisWidth(const HeapCensus& census) const;
  double turnProgress(const RulerReading& reading) const;
  QString hoverText(const Entry& entry, const HeapCensus& census) const;
  void paintAxis(QPainter& painter, const RulerReading& reading) const;
  void paintTray(QPainter& painter, const RulerReading& reading) const;
  // The label names the distance and slides at a turn; the column holds the spans and is fixed.
  void paintLabel(QPainter& painter, const QRectF& box, CellState state, const QString& distance, bool some,
                  bool lit) const;
  void paintColumn(QPainter& painter, const QRectF& box, CellState state, SpanCount count, bool lit,
                   uint32_t pagesOfHeap) const;
  QString figureOf(CellState state, SpanCount count, double width) const;
  void paintFigureGround(QPainter& painter, const QRectF& box, SpanCount count) const;
  void paintNever(QPainter& painter, const QRectF& box) const;
  void paintNeverChip(QPainter& painter, const QRectF& box, int distance) const;
  void paintSwatch(QPainter& painter, QPointF at, CellState state) const;
  const Entry* entryAt(const std::vector<Entry>& all, QPointF pos) const;
  static StateMask maskOf(const Entry& entry);
  void toggle(StateMask mask, bool add);

  std::function<RulerReading()> read_;
  const Theme& theme_;
  StateMask filter_ = kEveryState;
};

}  // namespace sweepscope::gui
