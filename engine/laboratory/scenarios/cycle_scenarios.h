// Scenarios around whole cycles: one part of the protocol each, with few choices, so that dfs covers much.
// See scenario.h.
//
//   two-cycles  a P keeps a stale mcache and stays idle over two cycles: only the flush barrier saves it (I7)
//
//   blocking    a thread leaves a blocking region after a cycle, and its P has another owner
//
//   completion  a forced cycle returns while idle Ps held stale spans: all must be swept (I13)
//
//   wake        a thread takes a P with a stale mcache between the turn and the end of the flush barrier
//
//   resize      Ps with cached spans are destroyed and made again, the coordinator's own among them
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

// Allocates `spans` blocks on every P and drops them, so that each has a cached span with a free slot.
void leave_block_on_each_p(engine::Mutator& m, ScenarioSize size);

uint64_t cycle_heap_bytes(ScenarioSize size);
std::string cycle_bounds(ScenarioSize size);
void run_two_cycles(engine::Engine& engine, ScenarioSize size);
void run_blocking(engine::Engine& engine, ScenarioSize size);
void run_completion(engine::Engine& engine, ScenarioSize size);
void run_wake(engine::Engine& engine, ScenarioSize size);
void run_resize(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kTwoCyclesScenario{
    .name = "two-cycles",
    .text = "one mutator leaves a cached span on every P and collects twice; another allocates meanwhile",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_two_cycles,
    .hashable_state = true,
};
inline constexpr Scenario kBlockingScenario{
    .name = "blocking",
    .text = "a mutator with a cached span is in a blocking region over a cycle, then allocates again",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_blocking,
    .hashable_state = true,
};
inline constexpr Scenario kCompletionScenario{
    .name = "completion",
    .text = "forced cycles return only when every span is swept, those in the mcaches of idle Ps included",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_completion,
    .hashable_state = true,
};
inline constexpr Scenario kWakeScenario{
    .name = "wake",
    .text = "a mutator wakes during a cycle, on a P whose cached span has a free slot, and allocates",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_wake,
};
inline constexpr Scenario kResizeScenario{
    .name = "resize",
    .text = "the number of Ps goes down to one and up again around a cycle while mutators allocate",
    .defaults = {.procs = 3, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = cycle_heap_bytes,
    .bounds = cycle_bounds,
    .program = run_resize,
    .hashable_state = true,
};

}  // namespace sweepscope::laboratory
