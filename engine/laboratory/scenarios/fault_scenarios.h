// Scenarios for one part of the protocol each, with few data choices: the search varies the interleaving. See
// scenario.h.
//
//   shrink      Ps are destroyed while their mcaches hold partly used spans, no cycle in between (I9)
//
//   grow        a P is created after two cycles, is used, and a third cycle begins (bad flushGen)
//
//   waiter      a mutator waits for the sweep of another thread's cycle while idle Ps hold stale spans (I13)
//
//   overlap     a cycle begins at the end of another's flush barrier, with spans left to sweep (I7)
//
//   refill      one mutator refills from lists while background sweeper and flushers change them
//               (I1, I3 to I6, I8)
//
//   references  an object that only a survivor of one cycle refers to must survive the next (I2)
#pragma once

#include "engine/laboratory/scenarios/cycle_scenarios.h"

namespace sweepscope::laboratory {

void run_shrink(engine::Engine& engine, ScenarioSize size);
void run_grow(engine::Engine& engine, ScenarioSize size);
void run_waiter(engine::Engine& engine, ScenarioSize size);
void run_overlap(engine::Engine& engine, ScenarioSize size);
void run_refill(engine::Engine& engine, ScenarioSize size);
void run_references(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kShrinkScenario{
    .name = "shrink",
    .text = "Ps with partly used cached spans are destroyed while a mutator allocates; no cycle",
    .defaults = {.procs = 3, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_shrink,
};
inline constexpr Scenario kGrowScenario{
    .name = "grow",
    .text = "a P is created after two cycles, mutators allocate on it, and a third cycle begins",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_grow,
};
inline constexpr Scenario kWaiterScenario{
    .name = "waiter",
    .text = "a mutator waits until the sweep of another's cycle is complete while idle Ps hold stale spans",
    .defaults = {.procs = 3, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_waiter,
};
inline constexpr Scenario kOverlapScenario{
    .name = "overlap",
    .text = "two mutators with full and partly used spans collect, neither waiting for the other's sweep",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_overlap,
};
inline constexpr Scenario kRefillScenario{
    .name = "refill",
    .text = "a mutator refills twice from lists whose spans are being swept, listed and freed",
    .defaults = {.procs = 3, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_refill,
};
inline constexpr Scenario kReferencesScenario{
    .name = "references",
    .text = "a survivor gets a new object to refer to before each of three cycles",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_references,
};

}  // namespace sweepscope::laboratory
