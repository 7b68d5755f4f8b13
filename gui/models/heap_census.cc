#include "gui/models/heap_census.h"

#include <map>

#include "gui/models/page_codes.h"

namespace sweepscope::gui {

using telemetry::SpanPicture;
using telemetry::SpanStatus;
using telemetry::SweepState;

namespace {

constexpr std::pair<CellState, SweepState> kStates[] = {
    {CellState::kNeeds, SweepState::kNeeds},   {CellState::kSweeping, SweepState::kSweeping},
    {CellState::kSwept, SweepState::kSwept},   {CellState::kStale, SweepState::kStale},
    {CellState::kCached, SweepState::kCached}, {CellState::kIllegal, SweepState::kIllegal}};

// Walks all spans: the replica keeps no counts of unknown spans and of single illegal distances.
void countSpans(const telemetry::Replica& replica, HeapCensus& census) {
  std::map<int32_t, SpanCount> illegal;
  for (const SpanPicture& span : replica.spans()) {
    if (span.id == telemetry::kNoId || span.status == SpanStatus::kFree) continue;
    const CellState state = stateOf(span, replica.sweepgen());
    SpanCount& count = census.states[static_cast<size_t>(state)];
    ++count.spans, count.pages += span.pages;
    if (state != CellState::kIllegal) continue;
    SpanCount& at = illegal[static_cast<int32_t>(span.sweepgen - replica.sweepgen())];
    ++at.spans, at.pages += span.pages;
  }
  for (const auto& [distance, count] : illegal) census.illegal.push_back({distance, count});
}

}  // namespace

SpanCount HeapCensus::illegalAt(int32_t distance) const {
  for (const IllegalDistance& at : illegal) {
    if (at.distance == distance) return at.count;
  }
  return {};
}

HeapCensus heapCensus(const telemetry::Replica& replica) {
  HeapCensus census;
  const telemetry::Census& kept = replica.census();
  census.states[static_cast<size_t>(CellState::kFree)].pages = kept.free_pages;
  if (replica.lost() > 0 || kept.spans[static_cast<size_t>(SweepState::kIllegal)] > 0) {
    countSpans(replica, census);
    return census;
  }
  // The usual case needs no walk: the replica keeps these counts.
  census.states[static_cast<size_t>(CellState::kStack)].pages = kept.manual_pages;
  for (const auto& [cell, state] : kStates) {
    const auto i = static_cast<size_t>(state);
    census.states[static_cast<size_t>(cell)] = {kept.spans[i], kept.pages[i]};
  }
  return census;
}

}  // namespace sweepscope::gui
