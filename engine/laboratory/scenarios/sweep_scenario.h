// Scenario `sweep`: one mutator for each P, objects of half a span, one cycle started by any mutator, and a
// closing cycle at the end. Scenario `pair`: each mutator allocates, so that its P has a cached span, then
// makes one operation: small enough for a complete search of all states. See scenario.h.
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t sweep_heap_bytes(ScenarioSize size);
std::string sweep_bounds(ScenarioSize size);
void run_sweep(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kSweepScenario{
    .name = "sweep",
    .text = "mutators allocate, drop, leave and change Ps around one cycle with the background sweeper",
    .defaults = {.procs = 2, .spans = 2},
    .most = {.procs = 8, .spans = 64},
    .heap_bytes = sweep_heap_bytes,
    .bounds = sweep_bounds,
    .program = run_sweep,
    .hashable_state = true,
};

std::string pair_bounds(ScenarioSize size);
void run_pair(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kPairScenario{
    .name = "pair",
    .text = "each mutator allocates, then makes one operation around one cycle: for complete searches",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 3, .spans = 4},
    .heap_bytes = sweep_heap_bytes,
    .bounds = pair_bounds,
    .program = run_pair,
    .hashable_state = true,
};

}  // namespace sweepscope::laboratory
