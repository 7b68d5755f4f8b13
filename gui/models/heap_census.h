// Counts of spans and pages by displayed state, for the ruler and for sentences about the whole heap. Pure.
//
// Equation: the sum of pages = the replica's page extent. A span with a lost event counts as unknown, as the map
// paints it; telemetry::Census counts it by its last known sweepgen.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gui/theme/palette.h"
#include "telemetry/replica/replica.h"

namespace sweepscope::gui {

struct SpanCount {
  uint64_t spans = 0, pages = 0;
};

struct IllegalDistance {
  int32_t distance;  // to sg
  SpanCount count;
};

struct HeapCensus {
  std::array<SpanCount, kCellStates>
      states{};                          // free: pages only; stack: pages, and spans if they were counted
  std::vector<IllegalDistance> illegal;  // ascending; together states[kIllegal]

  const SpanCount& operator[](CellState state) const { return states[static_cast<size_t>(state)]; }
  SpanCount illegalAt(int32_t distance) const;
};

HeapCensus heapCensus(const telemetry::Replica& replica);

}  // namespace sweepscope::gui
