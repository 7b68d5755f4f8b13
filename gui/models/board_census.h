// How many spans of a protocol board lie at each distance: what the ruler shows in step mode. Pure.
#pragma once

#include "gui/models/heap_census.h"
#include "telemetry/model/bench.h"

namespace sweepscope::gui {

HeapCensus boardCensus(const telemetry::Board& board);
uint32_t pagesOf(const telemetry::Board& board);

}  // namespace sweepscope::gui
