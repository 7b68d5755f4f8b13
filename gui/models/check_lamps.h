// The lamps of the Now bar: which of the three watchers saw a rule broken. Pure.
//
// The engine checks itself, its heap verifier included; in the laboratory an oracle outside of it knows the
// truth; the protocol lamp is this program's own replica, which refuses events that no lawful engine sends.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "gui/models/sentences.h"

namespace sweepscope::gui {

struct CheckLamp {
  enum class State : uint8_t { kQuiet, kAhead, kFired };
  State state;
  QString text, tip;
};

struct Watched {
  bool laboratory = false;
  std::vector<telemetry::CheckFired> fired;    // up to the moment that is shown
  std::optional<telemetry::CheckFired> ahead;  // known from the end of the recording, not reached yet
  CheckNames checkNames;
  uint64_t refusals = 0;
  QString refusal;  // the last one, in words
};

std::vector<CheckLamp> checkLamps(const Watched& watched);

}  // namespace sweepscope::gui
