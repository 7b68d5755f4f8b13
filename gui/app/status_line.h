// The status line: the hover text, LIVE or replay, the recording or opening in progress, and losses if there are
// any. GUI thread.
#pragma once

#include <QLabel>
#include <QStatusBar>

#include "gui/session/session_controller.h"

namespace sweepscope::gui {

class StatusLine {
 public:
  explicit StatusLine(QStatusBar& bar);
  void showHover(const QString& text);  // empty: the legend of the colours
  void refresh(const SessionController& session);

 private:
  QLabel *hover_, *recording_, *loss_, *mode_;
};

}  // namespace sweepscope::gui
