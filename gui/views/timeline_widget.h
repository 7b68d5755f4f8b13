// The timeline: a widget over TimelinePicture that keeps the visible interval and handles mouse and keys. Wheel
// zooms, drag pans, a click seeks; a drag on the time axis scrubs. GUI thread.
#pragma once

#include <QWidget>
#include <utility>

#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"
#include "gui/views/timeline_picture.h"

namespace sweepscope::gui {

class TimelineWidget : public QWidget {
  Q_OBJECT

 public:
  TimelineWidget(const SessionController& session, const Theme& theme, QWidget* parent = nullptr);

  void onPicture();
  void showAll();
  void followHead();  // resets zoom and pan
  void zoomBy(double factor, double x);
  std::pair<double, double> range() const { return {beginNs_, endNs_}; }  // visible session time
  QSize sizeHint() const override { return {900, 184}; }
  QSize minimumSizeHint() const override { return {300, 74}; }

 signals:
  void seekRequested(qint64 ns);
  void hovered(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  TimelinePicture picture() const;
  void follow();  // keeps the play head visible until the user zooms or pans
  void keepGapVisible(const telemetry::Gap& gap, double now);
  void clampRange();

  const SessionController& session_;
  const Theme& theme_;
  double beginNs_ = 0, endNs_ = 1e9;
  bool following_ = true;
  QPointF pressed_;
  double pressedBegin_ = 0;
  bool dragging_ = false, scrubbing_ = false;
};

}  // namespace sweepscope::gui
