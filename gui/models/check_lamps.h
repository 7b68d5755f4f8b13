// The lamps of the Now bar: which of the three watchers found a rule broken. Pure.
//
// The engine lamp shows the engine's own checks, its heap verifier included; the oracle lamp the laboratory's
// shadow heap; the protocol lamp the dashboard's replica, which refuses events that the protocol forbids.
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
  std::vector<telemetry::CheckFired> fired;    // up to the moment shown
  std::optional<telemetry::CheckFired> ahead;  // read from the end of the recording, not reached yet
  CheckNames checkNames;
  uint64_t refusals = 0;
  QString refusal;  // the last one, in words
};

std::vector<CheckLamp> checkLamps(const Watched& watched);

}  // namespace sweepscope::gui
