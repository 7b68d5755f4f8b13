// A fired check, for tests of its texts and lamps.
#pragma once

#include "telemetry/model/event.h"

namespace sweepscope::testing {

inline constexpr uint8_t kCheckCode = 4;      // "bad flushGen" in the tests
inline constexpr uint8_t kVerifierCode = 30;  // "heap verifier"

// On span 3, without a P. oracle 0: a check of the engine; else the rule of the oracle, which is also the code.
inline telemetry::CheckFired firedCheck(uint32_t oracle) {
  telemetry::CheckFired check{};
  check.code = oracle == 0 ? kCheckCode : static_cast<uint8_t>(oracle);
  check.p = telemetry::kNoP;
  check.span = 3;
  check.oracle = oracle;
  return check;
}

// A check of the heap verifier, which names the broken invariant.
inline telemetry::CheckFired verifierFired(uint32_t invariant) {
  telemetry::CheckFired check = firedCheck(invariant);
  check.code = kVerifierCode;
  return check;
}

}  // namespace sweepscope::testing
