// Scenario `marking`: references move during concurrent marking. Scenario `lost-object`: one move, small enough for a
// complete search of all states; the name is the field's (Jones, Hosking and Moss, The Garbage Collection Handbook,
// 15.1). See scenario.h.
//
// Two cells are reachable from Globals. One of them refers to the traveller; the mover loads the reference,
// clears the cell, and stores it into the other cell or into a new one that replaces that cell. In between it
// may reach a safepoint, where its stack is scanned or the world stops. The traveller is reachable at all
// times, from a cell or from the mover's stack: if it is freed, a shade, a colour or a scan was missing (I2).
#pragma once

#include "engine/laboratory/scenarios/scenario.h"

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
    .hashable_state = true,
    .concurrent_mark = true,
    .object_graph = true,
};
// A wake-up that is lost between two workers needs two of them.
inline constexpr Scenario kTwoMarkersScenario{
    .name = "two-markers",
    .text = "as marking, with a second mark worker, which runs on an idle P",
    .defaults = {.procs = 3, .spans = 2},
    .most = {.procs = 8, .spans = 16},
    .heap_bytes = marking_heap_bytes,
    .bounds = marking_bounds,
    .program = run_marking,
    .hashable_state = true,
    .concurrent_mark = true,
    .mark_workers = 2,
    .object_graph = true,
};

uint64_t lost_object_heap_bytes(ScenarioSize size);
std::string lost_object_bounds(ScenarioSize size);
void run_lost_object(engine::Engine& engine, ScenarioSize size);

inline constexpr Scenario kLostObjectScenario{
    .name = "lost-object",
    .text =
        "a mutator moves one reference from a cell to another or a new one during a cycle: for complete searches",
    .defaults = {.procs = 2, .spans = 1},
    .most = {.procs = 3, .spans = 4},
    .heap_bytes = lost_object_heap_bytes,
    .bounds = lost_object_bounds,
    .program = run_lost_object,
    .hashable_state = true,
    .concurrent_mark = true,
    .object_graph = true,
};

}  // namespace sweepscope::laboratory
