// The first seconds of a demo explain themselves: a sentence each time something is on screen for the first
// time. It is withdrawn as soon as what it speaks of has gone, so that it never contradicts the picture; one
// that stood too short a time to be read is said again the next time. GUI thread.
#pragma once

#include <QString>

#include "gui/session/session_controller.h"

namespace sweepscope::gui {

class Caption;

class Captions {
 public:
  explicit Captions(Caption& caption) : caption_(caption) {}
  void begin();
  void end();  // withdraws what stands
  // Says, leaves or withdraws what fits the picture. `squares`: the map shows a square a page; `nowMs` only
  // ever grows.
  void tick(const SessionController& session, bool squares, qint64 nowMs);

 private:
  static constexpr int kCount = 3;
  void read();  // the current one: on to the next

  Caption& caption_;
  int current_ = kCount;
  bool standing_ = false;
  qint64 shownAtMs_ = 0, notBeforeMs_ = 0;
  qint64 shownMs_ = 0;  // how long the current one has stood so far, all times together
};

}  // namespace sweepscope::gui
