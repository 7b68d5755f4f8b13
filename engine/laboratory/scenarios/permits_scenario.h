// Scenario `permits`: more mutators than run permits. See scenario.h.
//
// Each takes its turns: it gives its permit, and the P, at polls when its slice is over and others wait (a choice), and
// when it blocks. One waits for another, which may be without a permit then; another runs a cycle. No more mutators run
// than there are permits (permits), each gets its turn (deadlock), and a thread comes back to its P, if to that one, with
// a flushed mcache only (I1).
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t permits_heap_bytes(ScenarioSize size);
std::string permits_bounds(ScenarioSize size);
void run_permits(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kPermitsScenario{
    .name = "permits",
    .text = "three mutators take turns with one run permit, at polls and in blocking regions, around a cycle",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = permits_heap_bytes,
    .bounds = permits_bounds,
    .program = run_permits,
    .concurrent_mark = true,
    .permits = 1,
};

}  // namespace sweepscope::laboratory
