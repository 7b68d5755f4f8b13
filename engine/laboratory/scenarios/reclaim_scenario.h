// Scenario `reclaim`: large objects die, and others need pages before their spans are swept. See scenario.h.
//
// Each new span of a mutator calls reclaim, which sweeps and frees spans without popping them from the
// unswept queue; their structs are reused at once, while their ids are still in the queue. A sweeper between
// its two reads of a popped span then sees it free in one life and cached in the next: D1.
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t reclaim_heap_bytes(ScenarioSize size);
std::string reclaim_bounds(ScenarioSize size);
void run_reclaim(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kReclaimScenario{
    .name = "reclaim",
    .text = "one mutator drops large objects and collects; others take pages while they wait to be swept",
    .defaults = {.procs = 2, .spans = 3},
    .most = {.procs = 8, .spans = 16},
    .heap_bytes = reclaim_heap_bytes,
    .bounds = reclaim_bounds,
    .program = run_reclaim,
};

}  // namespace sweepscope::laboratory
