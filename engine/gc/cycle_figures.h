// The figures of a complete cycle as events: what marking and allocations cost (observe::MarkWork, MarkShare,
// AllocLatency). By the thread that completes the CycleRecord, before EngineOptions::on_cycle, under worldsema: the
// figures of two cycles never mix. Reads the record alone: no step of the laboratory, and no part of a state.
#pragma once

#include "engine/base/build.h"
#include "engine/observe/observer.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void emit_cycle_figures(observe::Emitter& to, const CycleRecord& cycle);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
