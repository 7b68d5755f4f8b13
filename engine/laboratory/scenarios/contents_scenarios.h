// Scenarios about what objects hold, and which come back. See scenario.h.
//
//   finalizers  one mutator sets finalizers and drops its objects, small and large ones; another takes the
//   tokens
//               during cycles, and finds each object whole, with what it refers to
//
//   large       large objects, whose last page is not full, hold small ones; they die and their pages are
//   used
//               again while others wait to be swept
//
//   clearing    a large object takes the dirty pages of one that died with all that it referred to. They are cleared
//               piece by piece; a cycle may begin, mark and end between the pieces
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t finalizers_heap_bytes(ScenarioSize size);
uint64_t large_heap_bytes(ScenarioSize size);
uint64_t clearing_heap_bytes(ScenarioSize size);
std::string finalizers_bounds(ScenarioSize size);
std::string large_bounds(ScenarioSize size);
std::string clearing_bounds(ScenarioSize size);
void run_finalizers(engine::Engine& engine, ScenarioSize size);
void run_large(engine::Engine& engine, ScenarioSize size);
void run_clearing(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kFinalizersScenario{
    .name = "finalizers",
    .text = "one mutator drops objects with finalizers and collects; another takes the tokens meanwhile",
    .defaults = {.procs = 2, .spans = 2},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = finalizers_heap_bytes,
    .bounds = finalizers_bounds,
    .program = run_finalizers,
};
inline constexpr Scenario kLargeScenario{
    .name = "large",
    .text = "large objects that refer to small ones die and are made anew while mutators collect",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = large_heap_bytes,
    .bounds = large_bounds,
    .program = run_large,
};
inline constexpr Scenario kClearingScenario{
    .name = "clearing",
    .text = "a large object is cleared piece by piece on pages of a dead one while another mutator collects",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = clearing_heap_bytes,
    .bounds = clearing_bounds,
    .program = run_clearing,
    .concurrent_mark = true,
};

}  // namespace sweepscope::laboratory
