// Scenarios `crew` and `crew-marks`: a helper works with the coordinator of a stopped world. See scenario.h.
//
// Every P has cached spans with free slots, one of them without live objects, when a mutator collects; another allocates meanwhile. Under
// eager the helper shares the flushes of the stop; in crew-marks, which marks in the stop, it shares the marking too. It
// works in the stopped world only, each mcache is flushed once, and its flushes count as the coordinator's (crew).
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t crew_heap_bytes(ScenarioSize size);
std::string crew_bounds(ScenarioSize size);
std::string crew_marks_bounds(ScenarioSize size);
void run_crew(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kCrewScenario{
    .name = "crew",
    .text = "a helper shares the flushes of the pause with the coordinator while a mutator waits to allocate",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = crew_heap_bytes,
    .bounds = crew_bounds,
    .program = run_crew,
    .concurrent_mark = true,
    .helpers = 1,
};
inline constexpr Scenario kCrewMarksScenario{
    .name = "crew-marks",
    .text = "as crew, but marking stops the world, and the helper shares it",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = crew_heap_bytes,
    .bounds = crew_marks_bounds,
    .program = run_crew,
    .hashable_state = true,
    .helpers = 1,
};

}  // namespace sweepscope::laboratory
