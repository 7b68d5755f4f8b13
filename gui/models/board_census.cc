#include "gui/models/board_census.h"

#include <map>

#include "gui/models/bench_words.h"

namespace sweepscope::gui {

HeapCensus boardCensus(const telemetry::Board& board) {
  HeapCensus census;
  std::map<int32_t, SpanCount> illegal;
  for (const telemetry::BoardSpan& span : board.spans) {
    const CellState state = cellStateOf(span);
    SpanCount& count = census.states[static_cast<size_t>(state)];
    count.pages += span.pages;
    if (state == CellState::kFree) continue;
    ++count.spans;
    if (state != CellState::kIllegal) continue;
    ++illegal[span.distance].spans;
    illegal[span.distance].pages += span.pages;
  }
  for (const auto& [distance, count] : illegal) census.illegal.push_back({distance, count});
  return census;
}

uint32_t pagesOf(const telemetry::Board& board) {
  uint64_t pages = 0;
  for (const telemetry::BoardSpan& span : board.spans) pages += span.pages;
  return static_cast<uint32_t>(std::min<uint64_t>(pages, ~0u));
}

}  // namespace sweepscope::gui
