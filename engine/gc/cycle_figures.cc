#include "engine/gc/cycle_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/clock.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

using observe::EventKind;
using observe::MarkedBy;

observe::Header header(EventKind kind, auto code, uint32_t cycle) {
  return {stamp(), kind, static_cast<uint8_t>(code), observe::kNoP, cycle};
}

constexpr observe::AllocPath observed(AllocPath path) {
  return static_cast<observe::AllocPath>(static_cast<size_t>(path) + 1);
}
static_assert(observed(AllocPath::kRefill) == observe::AllocPath::kRefill &&
              observed(AllocPath::kSweep) == observe::AllocPath::kSweep &&
              observed(AllocPath::kGrow) == observe::AllocPath::kGrow &&
              observed(AllocPath::kLarge) == observe::AllocPath::kLarge &&
              observed(AllocPath::kAssist) == observe::AllocPath::kAssist &&
              observed(AllocPath::kCollect) == observe::AllocPath::kCollect);

// `share` is at least 0.
uint32_t millionths(double share) {
  constexpr double kMost = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(std::min(std::round(share * 1e6), kMost));
}

void emit_marking(observe::Emitter& to, uint32_t cycle, const MarkWork& work) {
  const auto of_kind = [&](MarkedBy by, uint64_t ns, uint64_t bytes) {
    if (ns != 0 || bytes != 0) to.emit(observe::MarkWork{header(EventKind::kMarkWork, by, cycle), ns, bytes});
  };
  of_kind(MarkedBy::kDedicated, work.dedicated_ns, work.dedicated_bytes);
  of_kind(MarkedBy::kFractional, work.fractional_ns, work.fractional_bytes);
  of_kind(MarkedBy::kIdle, work.idle_ns, work.idle_bytes);
  of_kind(MarkedBy::kAssist, work.assist_ns, work.assist_bytes);
  to.emit(observe::MarkShare{header(EventKind::kMarkShare, 0, cycle), work.credit_bytes,
                             millionths(work.utilisation), millionths(work.ratio)});
}

void emit_path(observe::Emitter& to, uint32_t cycle, observe::AllocPath path, AllocLatency latency) {
  using Record = observe::AllocLatency;
  while (latency.count > 0) {
    Record record{};
    record.header = header(EventKind::kAllocLatency, path, cycle);
    record.total_ns = latency.total_ns;
    record.count = std::min(latency.count, Record::kMostCount) & Record::kMostCount;
    record.max_ns = std::min(latency.max_ns, Record::kMostMaxNs) & Record::kMostMaxNs;
    to.emit(record);
    latency.count -= record.count;
    latency.total_ns = 0;
  }
}

}  // namespace

void emit_cycle_figures(observe::Emitter& to, const CycleRecord& cycle) {
  const bool marked_concurrently = cycle.sweep_termination.has_value();
  if (marked_concurrently) emit_marking(to, cycle.cycle, cycle.mark_work);
  emit_path(to, cycle.cycle, observe::AllocPath::kFast, {cycle.allocs.fast, 0, 0});
  for (size_t path = 0; path < kAllocPaths; ++path)
    emit_path(to, cycle.cycle, observed(static_cast<AllocPath>(path)), cycle.allocs.slow[path]);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
