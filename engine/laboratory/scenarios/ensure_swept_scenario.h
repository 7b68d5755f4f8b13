// Scenario `ensure-swept`: one mutator sets finalizers on objects of another during cycles.
// See scenario.h.
//
// The object lies in a span that another P caches (h+3, must be accepted), that an idle P still
// holds from before the turn (h+1, a flusher must come), or that needs sweeping or is being swept.
// The thread that sets the finalizer is non-preemptible: if its wait never ends, the world never stops.
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t ensure_swept_heap_bytes(ScenarioSize size);
std::string ensure_swept_bounds(ScenarioSize size);
void run_ensure_swept(engine::Engine& engine, ScenarioSize size);

// Three Ps: the stale mcache must belong to one that neither mutator needs.
inline constexpr Scenario kEnsureSweptScenario{
    .name = "ensure-swept",
    .text = "one mutator sets and clears finalizers on objects of another, which leaves its P and collects",
    .defaults = {.procs = 3, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = ensure_swept_heap_bytes,
    .bounds = ensure_swept_bounds,
    .program = run_ensure_swept,
};

}  // namespace sweepscope::laboratory
