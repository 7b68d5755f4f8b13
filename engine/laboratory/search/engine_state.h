// The part of an engine's state that later steps or checks of the oracle can depend on: for searches that
// recognise visited states.
//
// Included: every protocol word, and the plain data that ownership or a lock guards: spans with their bits,
// lists and queues in their order, mcaches, Ps, roots, and counters that an equation or a decision reads. Not
// included: locks and other data that follow from the positions of the fibers, counters that are only
// reported, and the payload of objects, which no scenario reads. A new field that influences the engine must
// be added here; tests/engine/laboratory/state_search_test.cc compares with searches that need no hash.
#pragma once

#include "engine/gc/runtime.h"
#include "engine/laboratory/seam/digest.h"

namespace sweepscope::laboratory {

// At a decision: no fiber runs, driver() is null.
void add_engine_state(Digest& digest, engine::Runtime& runtime);

}  // namespace sweepscope::laboratory
