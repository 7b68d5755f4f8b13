// Scenario `scavenge`: free pages go back to the system while mutators allocate. See scenario.h.
//
// Objects of whole pages die in a cycle. When its sweep is complete the scavenger may take their pages; the mutators
// take pages too and hold objects in them. A page that is in use while the scavenger clears it loses the contents of a
// live object (contents), and so does a page that is promised to be zero and is not.
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t scavenge_heap_bytes(ScenarioSize size);
std::string scavenge_bounds(ScenarioSize size);
void run_scavenge(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kScavengeScenario{
    .name = "scavenge",
    .text = "objects of whole pages die, and the scavenger takes their pages while mutators allocate",
    .defaults = {.procs = 2, .spans = 2},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = scavenge_heap_bytes,
    .bounds = scavenge_bounds,
    .program = run_scavenge,
    .scavenger = true,
};

}  // namespace sweepscope::laboratory
