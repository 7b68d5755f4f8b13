// Captions for the first seconds of a demo: one sentence when each thing appears for the first time. A caption
// is hidden as soon as its subject is no longer on screen, so that it never contradicts the picture; one that
// was visible too briefly to be read is shown again the next time. GUI thread.
#pragma once

#include <QString>

#include "gui/session/session_controller.h"

namespace sweepscope::gui {

class Caption;

class Captions {
 public:
  explicit Captions(Caption& caption) : caption_(caption) {}
  void begin();
  void end();  // hides the current caption
  // Shows, keeps or hides the caption that fits the picture. `squares`: the map shows one square per page;
  // `nowMs` never decreases.
  void tick(const SessionController& session, bool squares, qint64 nowMs);

 private:
  static constexpr int kCount = 3;
  void advance();  // to the next caption

  Caption& caption_;
  int current_ = kCount;
  bool visible_ = false;
  qint64 shownAtMs_ = 0, notBeforeMs_ = 0;
  qint64 shownMs_ = 0;  // total time on screen of the current caption
};

}  // namespace sweepscope::gui
