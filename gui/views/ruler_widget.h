// The ruler, which is also the legend: columns of spans on an axis of absolute sweepgens. At a turn nobody
// writes to the spans: the columns stand still, the labels slide right by 2, then the view re-centres. A
// click filters everywhere.
#pragma once

#include <QElapsedTimer>
#include <QWidget>
#include <array>

#include "gui/models/ruler_geometry.h"
#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"
#include "gui/views/map_raster.h"

namespace sweepscope::gui {

class RulerWidget : public QWidget {
  Q_OBJECT

 public:
  RulerWidget(const SessionController& session, const Theme& theme, QWidget* parent = nullptr);

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
    uint64_t spans, pages;
  };
  std::vector<Entry> entries() const;
  RulerGeometry geometry() const;
  double trayLeft() const;
  double turnProgress() const;
  void paintAxis(QPainter& painter);
  void paintTray(QPainter& painter);
  // The label says what a distance means and slides at a turn; the column holds the spans and stands still.
  void paintLabel(QPainter& painter, const QRectF& box, CellState state, const QString& distance,
                  bool some) const;
  void paintColumn(QPainter& painter, const QRectF& box, CellState state, uint64_t spans,
                   uint64_t pages) const;
  void paintNever(QPainter& painter, const QRectF& box, int distance) const;
  uint64_t allPages() const;
  void paintSwatch(QPainter& painter, QPointF at, CellState state) const;
  const Entry* entryAt(const std::vector<Entry>& all, QPointF pos) const;
  void toggle(CellState state, bool add);

  const SessionController& session_;
  const Theme& theme_;
  StateMask filter_ = kEveryState;
  uint32_t shownSweepgen_ = 0;
  bool known_ = false;
  QElapsedTimer turn_;  // runs while the labels slide
};

}  // namespace sweepscope::gui
