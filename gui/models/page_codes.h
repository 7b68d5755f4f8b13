// The heap as one byte per page, kept in sync with a replica. GUI thread only.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "gui/models/cell_code.h"
#include "telemetry/replica/replica.h"

namespace sweepscope::gui {

using PageRun = std::pair<uint32_t, uint32_t>;  // [first, last)

// The displayed state of the span while the heap's sweepgen is `sg`: on the map, on the ruler and in texts.
CellState stateOf(const telemetry::SpanPicture& span, uint32_t sg);

class PageCodes {
 public:
  // Writes every page: after a seek, when the changed pages are unknown.
  void rebuild(const telemetry::Replica& replica);
  // Writes the pages of `dirty` (from Replica::take_dirty()).
  void refresh(const telemetry::Replica& replica, std::span<const PageRun> dirty);

  std::span<const CellCode> bytes() const { return bytes_; }
  uint32_t pages() const { return static_cast<uint32_t>(bytes_.size()); }
  uint32_t sweepgen() const { return sweepgen_; }

 private:
  void writeSpan(const telemetry::SpanPicture& span, PageRun within);

  std::vector<CellCode> bytes_;
  uint32_t sweepgen_ = 0;
};

}  // namespace sweepscope::gui
