// The heap as one byte a page, kept in step with a replica. GUI thread only.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "gui/models/cell_code.h"
#include "telemetry/replica/replica.h"

namespace sweepscope::gui {

using PageRun = std::pair<uint32_t, uint32_t>;  // [first, last)

// What the span shows as while the heap's sweepgen is `sg`: on the map, the ruler and in words.
CellState stateOf(const telemetry::SpanPicture& span, uint32_t sg);

class PageCodes {
 public:
  // Writes every page again: after a seek, when nothing is known about what changed.
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
