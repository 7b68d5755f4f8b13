// The spans and pages of a moment by what they show as: the counts of the ruler and of sentences about the
// whole heap. Pure.
//
// Equation: the sum of pages = the replica's page extent. A span of which an event was lost counts as
// unknown, as the map paints it; telemetry::Census counts it by the sweepgen it had.
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
      states{};                          // free: pages only; stack: pages, and spans where they are known
  std::vector<IllegalDistance> illegal;  // ascending; together states[kIllegal]

  const SpanCount& operator[](CellState state) const { return states[static_cast<size_t>(state)]; }
  SpanCount illegalAt(int32_t distance) const;
};

HeapCensus heapCensus(const telemetry::Replica& replica);

}  // namespace sweepscope::gui
