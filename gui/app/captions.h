// The first seconds of a demo explain themselves: a sentence each time something is on screen for the first
// time. GUI thread.
#pragma once

#include <QElapsedTimer>
#include <optional>

#include "gui/session/session_controller.h"

namespace sweepscope::gui {

class Captions {
 public:
  void begin() { shown_ = 0, since_.invalidate(); }
  void end() { shown_ = kCount; }
  // The sentence that is due now, if one is.
  std::optional<QString> next(const SessionController& session);

 private:
  static constexpr int kCount = 3;
  int shown_ = kCount;
  QElapsedTimer since_;  // the one before was said
};

}  // namespace sweepscope::gui
