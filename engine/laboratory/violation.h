// What a run can find. `rule` is what a schedule's header and a user call it: "I5" for an invariant that the
// oracle or the heap verifier judges, the words of the check for an engine check ("bad sweepgen in refill"),
// and for a run in which nobody can go on (`kind` says whether it stands still or turns in circles) the rule
// of liveness that it breaks: "L1" when a cycle never ends, "L2" an ensure_swept, "L3" when a span is never
// swept, else "deadlock" or "livelock".
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

// A check or a rule that failed and was only noted (check_modes.h).
struct Note {
  std::string rule;
  std::string sentence;  // of the first time
  uint64_t step = 0;     // of the first time
  uint64_t times = 0;
};

}  // namespace sweepscope::laboratory
