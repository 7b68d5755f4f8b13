#include "engine/laboratory/bench/quiet.h"

#include <algorithm>

namespace sweepscope::laboratory {
namespace {

bool has_card_of_slots(const BoardSpan& span) {
  return span.place != BoardPlace::kFree && span.place != BoardPlace::kManual;
}

bool same_card(const BoardSpan& a, const BoardSpan& b) {
  if (a.id != b.id || a.place != b.place || a.pages != b.pages) return false;
  if (!has_card_of_slots(a)) return true;
  return a.p == b.p && a.distance == b.distance && a.queue == b.queue && a.nelems == b.nelems &&
         a.elem_bytes == b.elem_bytes && a.freeindex == b.freeindex && a.alloc_bits == b.alloc_bits &&
         a.mark_bits == b.mark_bits;
}

bool same_cache(const BoardP& a, const BoardP& b) {
  return a.id == b.id && a.fiber == b.fiber && a.distance == b.distance &&
         (a.fiber != kNoFiber || a.status == b.status);
}

bool same_pacing(const std::optional<BoardPacing>& a, const std::optional<BoardPacing>& b) {
  const bool shown = b && b->matters();
  return shown == (a && a->matters()) && (!shown || a == b);
}

bool same_lamp(const RuleLamp& a, const RuleLamp& b) {
  return a.rule == b.rule && a.state == b.state && a.times == b.times;
}

bool ends_silently(StopReason stop) {
  switch (stop) {
    case StopReason::kNone:
    case StopReason::kAccess:
    case StopReason::kArc:
    case StopReason::kBetween:
    case StopReason::kLimit: return true;
    case StopReason::kBlocked:
    case StopReason::kEnded:
    case StopReason::kChoice:
    case StopReason::kBreakpoint:
    case StopReason::kViolation:
    case StopReason::kRunEnded: return false;
  }
  return false;
}

}  // namespace

bool looks_same(const BoardState& a, const BoardState& b) {
  return a.known == b.known && a.sg == b.sg && a.phase == b.phase && a.stopped == b.stopped &&
         a.sweep_done == b.sweep_done && same_pacing(a.pacing, b.pacing) && a.graph == b.graph &&
         std::ranges::equal(a.spans, b.spans, same_card) && std::ranges::equal(a.ps, b.ps, same_cache);
}

bool is_quiet(const NodeView& before, const NodeView& after, StopReason stop) {
  return ends_silently(stop) && after.outcome == NodeOutcome::kRunning &&
         std::ranges::equal(before.rules, after.rules, same_lamp) && looks_same(before.board, after.board);
}

}  // namespace sweepscope::laboratory
