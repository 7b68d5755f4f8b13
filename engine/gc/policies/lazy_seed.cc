#include "engine/gc/policies/lazy_seed.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

Repairs LazySeedPolicy::repairs() const {
  return {.popped_span_may_be_cached = false,
          .uncache_order = UncacheOrder::kSweepPreserves,
          .direct_sweepers_count = false,
          .flush_before_stw_sweep = false,
          .debt_is_signed = false,
          .full_spans_are_budgeted = false};
}

void LazySeedPolicy::before_start(SchedThread&) {}  // D3: no token

std::optional<BarrierResult> LazySeedPolicy::after_start(SchedThread& m, uint64_t released_ns) {
  return flush_barrier(m, released_ns);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
