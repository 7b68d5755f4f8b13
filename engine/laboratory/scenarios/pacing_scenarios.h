// Scenarios above the protocol: which threads pay for a cycle, and when it comes. See scenario.h.
//
//   assists     a mutator allocates while another's cycle marks: it steals credit, marks, waits for either, and may be
//               the thread that finds no work left; then it runs mark termination and allocates on its own P before
//               the flush barrier (I1, credit)
//
//   pacer       mutators allocate with GOGC on, with or without polls, while GOGC changes: cycles begin by heap_live, and
//               beyond the bound an allocation is held back until a cycle's end (pacing, L1)
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

uint64_t assists_heap_bytes(ScenarioSize size);
std::string assists_bounds(ScenarioSize size);
void run_assists(engine::Engine& engine, ScenarioSize size);

uint64_t pacer_heap_bytes(ScenarioSize size);
std::string pacer_bounds(ScenarioSize size);
void run_pacer(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kAssistsScenario{
    .name = "assists",
    .text = "a mutator allocates while another's cycle marks, pays with marking, and may end the cycle",
    .defaults = {.procs = 2, .spans = 3},
    .most = {.procs = 8, .spans = 8},
    .heap_bytes = assists_heap_bytes,
    .bounds = assists_bounds,
    .program = run_assists,
    .concurrent_mark = true,
};
inline constexpr Scenario kPacerScenario{
    .name = "pacer",
    .text =
        "mutators allocate with GOGC on while it changes: cycles begin by heap_live, allocation is held back",
    .defaults = {.procs = 2, .spans = 8},
    .most = {.procs = 8, .spans = 16},
    .heap_bytes = pacer_heap_bytes,
    .bounds = pacer_bounds,
    .program = run_pacer,
    .concurrent_mark = true,
    .gogc = 100,
};

}  // namespace sweepscope::laboratory
