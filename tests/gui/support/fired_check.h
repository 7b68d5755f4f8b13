// A check that fired, for tests of what is said and painted of it.
#pragma once

#include "telemetry/model/event.h"

namespace sweepscope::testing {

inline constexpr uint8_t kCheckCode = 4;      // what the tests call "bad flushGen"
inline constexpr uint8_t kVerifierCode = 30;  // "heap verifier"

// On span 3 and no P; oracle 0: a check of the engine, else the rule of the oracle, which is its code, too.
inline telemetry::CheckFired firedCheck(uint32_t oracle) {
  telemetry::CheckFired check{};
  check.code = oracle == 0 ? kCheckCode : static_cast<uint8_t>(oracle);
  check.p = telemetry::kNoP;
  check.span = 3;
  check.oracle = oracle;
  return check;
}

// The engine's heap verifier names the invariant that it found broken.
inline telemetry::CheckFired verifierFired(uint32_t invariant) {
  telemetry::CheckFired check = firedCheck(invariant);
  check.code = kVerifierCode;
  return check;
}

}  // namespace sweepscope::testing
