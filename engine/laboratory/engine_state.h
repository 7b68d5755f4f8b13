// All of an engine that can make a difference to what happens next, or to what the oracle says of it: for
// searches that must know whether they have been here before.
//
// In: every protocol word, and the plain data that ownership or a lock passes on with it: spans with their
// bits, lists and queues in their order, mcaches, Ps, roots, the accounts as far as an equation or a decision
// reads them. Not in: locks and whatever else the position of a fiber tells, counters that are only reported,
// and the payload of objects, which no scenario reads. A field that is added to the engine and steers it must
// be added here; tests/engine/laboratory/state_search_test.cc compares with searches that need no hash.
#pragma once

#include "engine/gc/runtime.h"
#include "engine/laboratory/digest.h"

namespace sweepscope::laboratory {

// At a decision: no fiber runs, driver() is null.
void add_engine_state(Digest& digest, engine::Runtime& runtime);

}  // namespace sweepscope::laboratory
