// Concurrent marking by one thread, step by step: for tests in which no worker marks because the phase is never open().
#pragma once

#include "engine/gc/mark/mark_phase.h"

namespace sweepscope::engine {

// Until nothing is grey and a round finds nothing more. m owns a P.
inline void mark_alone(MarkPhase& phase, MarkThread& m) {
  do {
    DrainedWork done;
    phase.drain(m, ~uint64_t{0}, done, [](MarkThread&) { return false; });
  } while (!phase.round(m));
}

}  // namespace sweepscope::engine
