// Scenario `marking`: references move about while a mark phase runs beside the program. See scenario.h.
//
// Two cells are reachable from Globals. A traveller lies in one of them; the mover takes it in hand, empties
// the cell, and puts it into the other cell or into a new one that then takes that cell's place. In between
// it may come to a safepoint, where its stack is scanned or the world stops. The traveller is reachable all
// the time, from a cell or from the mover's stack: whoever frees it left out a shade, a colour or a scan
// (I2).
#pragma once

#include "engine/laboratory/scenario.h"

namespace sweepscope::laboratory {

uint64_t marking_heap_bytes(ScenarioSize size);
std::string marking_bounds(ScenarioSize size);
void run_marking(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kMarkingScenario{
    .name = "marking",
    .text = "a mutator moves references between cells, and into new ones, while another's cycle marks",
    .defaults = {.procs = 2, .spans = 2},
    .most = {.procs = 8, .spans = 16},
    .heap_bytes = marking_heap_bytes,
    .bounds = marking_bounds,
    .program = run_marking,
    .concurrent_mark = true,
};

}  // namespace sweepscope::laboratory
