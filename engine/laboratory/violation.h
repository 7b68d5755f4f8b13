// What a run can find. `rule` is what a schedule's header and a user call it: "I5" for an invariant the
// oracle judges, the words of the check for an engine check ("bad sweepgen in refill"), "deadlock",
// "livelock".
#pragma once

#include <cstdint>
#include <string>

namespace sweepscope::laboratory {

enum class ViolationKind : uint8_t { kCheck, kOracle, kDeadlock, kLivelock };

struct Violation {
  ViolationKind kind = ViolationKind::kCheck;
  std::string rule;
  std::string sentence;    // what happened, to whom
  uint32_t code = 0;       // kCheck: the FatalCode; kOracle: N of the invariant IN
  uint32_t fiber = ~0u;    // that was running; ~0: none (deadlock)
  std::string fiber_name;  // empty: none
  uint64_t step = 0;       // the last step taken, from 1
};

}  // namespace sweepscope::laboratory
