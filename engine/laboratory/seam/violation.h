// A violation that a run found. `rule` is its name in a schedule's header and in options: "I5" for an
// invariant that the oracle or the heap verifier checks, the words of the check for an engine check ("bad
// sweepgen in refill"), and for a deadlock or livelock the liveness rule that it violates: "L1" when a cycle
// never ends, "L2" an ensure_swept, "L3" when a span is never swept, else "deadlock" or "livelock".
#pragma once

#include <cstdint>
#include <string>

namespace sweepscope::laboratory {

enum class ViolationKind : uint8_t { kCheck, kOracle, kDeadlock, kLivelock };

struct Violation {
  ViolationKind kind = ViolationKind::kCheck;
  std::string rule;
  std::string sentence;    // what happened, with the thread and the span
  uint32_t code = 0;       // kCheck: the FatalCode; kOracle: N of the invariant IN
  uint32_t fiber = ~0u;    // the running fiber; ~0: none (deadlock)
  std::string fiber_name;  // empty: none
  uint64_t step = 0;       // the last step taken, from 1
};

// A failed check or violated rule that was only noted (check_modes.h).
struct Note {
  std::string rule;
  std::string sentence;  // of the first time
  uint64_t step = 0;     // of the first time
  uint64_t times = 0;
};

}  // namespace sweepscope::laboratory
