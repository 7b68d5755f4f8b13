// The tool bar: where the session comes from, Rec, transport, speed, LIVE. It shows what the session
// controller says and sends speeds to it; everything else is an action. GUI thread.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QToolBar>

#include "gui/app/actions.h"
#include "gui/session/session_controller.h"

namespace sweepscope::gui {

class ToolBar : public QToolBar {
  Q_OBJECT

 public:
  ToolBar(const Actions& actions, SessionController& session, QWidget* parent);
  // `demo`: the workload of the engine this program started itself; empty: it did not.
  void refresh(const QString& demo);

 private:
  const Actions& actions_;
  SessionController& session_;
  QLabel* source_;
  QComboBox* speed_;
};

}  // namespace sweepscope::gui
