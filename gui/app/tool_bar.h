// The tool bar: source of the session, Rec, transport, speed, LIVE. It shows the state of the session
// controller and sets its speed; everything else is an action. GUI thread.
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
  // `demo`: the workload of the child engine; empty if there is none.
  void refresh(const QString& demo);

 private:
  const Actions& actions_;
  SessionController& session_;
  QLabel* source_;
  QComboBox* speed_;
};

}  // namespace sweepscope::gui
