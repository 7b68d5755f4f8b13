// Scenario roots: an object leaves a root that concurrent marking has not visited, for a stack that is black already.
// One of three roots, by choice: a Global that ends, a finalizer's token that is taken, a tiny block that is carved
// from. See scenario.h.
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t roots_heap_bytes(ScenarioSize size);
std::string roots_bounds(ScenarioSize size);
void run_roots(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kRootsScenario{
    .name = "roots",
    .text = "an object leaves a Global, the finalizer queue or a tiny block during concurrent marking",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 1},
    .heap_bytes = roots_heap_bytes,
    .bounds = roots_bounds,
    .program = run_roots,
    .concurrent_mark = true,
};

}  // namespace sweepscope::laboratory
