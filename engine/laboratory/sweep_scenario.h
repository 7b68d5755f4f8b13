// Scenario `sweep`: one mutator for each P, objects of half a span, one cycle started by whoever chooses to,
// and a closing cycle at the end. See scenario.h.
#pragma once

#include "engine/laboratory/scenario.h"

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
};

}  // namespace sweepscope::laboratory
