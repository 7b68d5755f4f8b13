// The line under the toolbar that answers "what is happening now?": sg, phase, marking, heap against trigger
// and goal, check lamps, live or replay with the time scale. One painted widget; GUI thread.
#pragma once

#include <QWidget>

#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class NowBar : public QWidget {
  Q_OBJECT

 public:
  NowBar(const SessionController& session, const Theme& theme, QWidget* parent = nullptr);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  int paintGeneration(QPainter& painter, int x);
  int paintPhase(QPainter& painter, int x);
  int paintMarked(QPainter& painter, int x, int width);
  int paintHeap(QPainter& painter, int x, int width);
  void paintChecks(QPainter& painter, int x);
  int paintTime(QPainter& painter, int right);
  void caption(QPainter& painter, int x, const QString& text) const;
  void value(QPainter& painter, int x, const QString& text) const;

  const SessionController& session_;
  const Theme& theme_;
};

}  // namespace sweepscope::gui
