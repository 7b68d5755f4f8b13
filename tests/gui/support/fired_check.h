// A check that fired, for tests of what is said and painted of it.
#pragma once

#include "telemetry/model/event.h"

namespace sweepscope::testing {

inline constexpr uint32_t kCheckCode = 4;  // what the tests call "bad flushGen"

// On span 3 and no P; oracle 0: a check of the engine.
inline telemetry::CheckFired firedCheck(uint32_t oracle) {
  telemetry::CheckFired check{};
  check.code = kCheckCode;
  check.p = telemetry::kNoP;
  check.span = 3;
  check.oracle = oracle;
  return check;
}

}  // namespace sweepscope::testing
