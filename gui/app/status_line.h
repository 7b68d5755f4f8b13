// The line at the foot: what is pointed at, whether this is LIVE or replay, what is being recorded or opened,
// and losses when there are any. GUI thread.
#pragma once

#include <QLabel>
#include <QStatusBar>

#include "gui/session/session_controller.h"

namespace sweepscope::gui {

class StatusLine {
 public:
  explicit StatusLine(QStatusBar& bar);
  void showHover(const QString& text);  // empty: the rule by which the colours are read
  void refresh(const SessionController& session);

 private:
  QLabel *hover_, *recording_, *loss_, *mode_;
};

}  // namespace sweepscope::gui
