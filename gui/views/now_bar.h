// The Now bar, under the tool bar: sg, phase, marking, heap against trigger and goal, check lamps, live or replay
// with the time scale. One painted widget; GUI thread.
#pragma once

#include <QWidget>
#include <vector>

#include "gui/models/check_lamps.h"
#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class NowBar : public QWidget {
  Q_OBJECT

 public:
  NowBar(const SessionController& session, const Theme& theme, QWidget* parent = nullptr);
  QSize sizeHint() const override;
  std::vector<CheckLamp> lamps() const;

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  int paintGeneration(QPainter& painter, int x);
  // `brief`: "stopped" is in the caption line above.
  int paintPhase(QPainter& painter, int x, bool brief);
  static QString phaseWords(telemetry::Phase phase, bool stopped);
  int phaseWidth(bool brief) const;
  int paintMarked(QPainter& painter, int x, int width);
  int paintHeap(QPainter& painter, int x, int width);
  void paintHeapBar(QPainter& painter, const QRectF& bar) const;
  void paintChecks(QPainter& painter, int x, const std::vector<CheckLamp>& lamps);
  void paintLamp(QPainter& painter, int x, CheckLamp::State state) const;
  int paintTime(QPainter& painter, int right);
  void caption(QPainter& painter, int x, const QString& text) const;
  void value(QPainter& painter, int x, const QString& text) const;
  void explain(int left, int right, const QString& tip);

  struct Part {
    QRect box;
    QString tip;
  };

  const SessionController& session_;
  const Theme& theme_;
  std::vector<Part> parts_;  // as last painted
};

}  // namespace sweepscope::gui
