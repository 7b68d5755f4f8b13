// The lamps of the Now bar: who watches over the rules, and whether one of them was seen broken. Pure.
//
// The engine checks itself; in the laboratory an oracle beside it knows the truth; the protocol lamp is this
// program's own replica, which refuses events that no lawful engine sends.
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
  std::optional<telemetry::CheckFired> check;
  bool ahead = false;  // the check lies behind the moment that is shown
  CheckNames checkNames;
  uint64_t refusals = 0;
  QString refusal;  // the last one, in words
};

std::vector<CheckLamp> checkLamps(const Watched& watched);

}  // namespace sweepscope::gui
