// Scenarios around tiny blocks, flushes without a turn, and the sweep of a stopped world. See scenario.h.
//
//   tiny        Ps with tiny blocks are destroyed and made again around a cycle:
//               a block must not outlive its flush
//
//   statistics  every mcache is emptied in a stopped world without a turn,
//               at any moment around a cycle (I9, I10)
//
//   stw-sweep   everything is swept in the pause: no span and no mcache may be stale when it ends (I7, D4)
//
//   flush       a mutator empties its own mcache, as statistics do, while another's cycle may mark; its next objects are
//               black all the same
#pragma once

#include "engine/laboratory/scenarios/cycle_scenarios.h"

namespace sweepscope::laboratory {

void run_tiny(engine::Engine& engine, ScenarioSize size);
void run_statistics(engine::Engine& engine, ScenarioSize size);
void run_flush(engine::Engine& engine, ScenarioSize size);
std::string tiny_bounds(ScenarioSize size);

inline constexpr Scenario kTinyScenario{
    .name = "tiny",
    .text = "tiny objects are carved on every P while Ps are destroyed and made again around a cycle",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = tiny_bounds,
    .program = run_tiny,
};
inline constexpr Scenario kStatisticsScenario{
    .name = "statistics",
    .text = "statistics empty every mcache at any moment around a cycle while mutators allocate",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_statistics,
};
inline constexpr Scenario kStwSweepScenario{
    .name = "stw-sweep",
    .text = "a mutator leaves a cached span on every P and collects twice; the pause sweeps everything",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_two_cycles,
    .stw_sweep = true,
};

inline constexpr Scenario kFlushScenario{
    .name = "flush",
    .text = "a mutator empties its own mcache and allocates while another's cycle may mark",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_flush,
    .concurrent_mark = true,
};

}  // namespace sweepscope::laboratory
