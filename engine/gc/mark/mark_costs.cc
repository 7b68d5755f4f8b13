#include "engine/gc/mark/mark_costs.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// relaxed: see sums_.
void MarkCosts::begin(uint32_t cycle) {
  cycle_ = cycle;
  for (Sums& sums : sums_) {
    sums.ns.store(0, std::memory_order_relaxed);
    sums.scanned.store(0, std::memory_order_relaxed);
  }
  stolen_.store(0, std::memory_order_relaxed);
}

void MarkCosts::add(MarkThread& m, MarkedBy by, uint64_t bytes, uint64_t ns) {
  if (m.cost_cycle != cycle_) {
    m.cost = {};
    m.cost_cycle = cycle_;
  }
  m.cost.add(by, bytes, ns);
  Sums& sums = sums_[static_cast<size_t>(by)];
  // relaxed: see sums_.
  sums.ns.fetch_add(ns, std::memory_order_relaxed);
  sums.scanned.fetch_add(bytes, std::memory_order_relaxed);
}

void MarkCosts::add_stolen(uint64_t bytes) {
  stolen_.fetch_add(bytes, std::memory_order_relaxed);  // relaxed: see sums_
}

MarkCost MarkCosts::sum() const {
  MarkCost sum;
  for (size_t by = 0; by < sums_.size(); ++by) {
    // relaxed: see sums_.
    const uint64_t scanned = sums_[by].scanned.load(std::memory_order_relaxed),
                   ns = sums_[by].ns.load(std::memory_order_relaxed);
    sum.add(static_cast<MarkedBy>(by), scanned, ns);
  }
  sum.stolen = stolen_.load(std::memory_order_relaxed);  // relaxed: see sums_
  return sum;
}

uint64_t MarkCosts::ns_of(const MarkThread& m, MarkedBy by) const {
  return m.cost_cycle == cycle_ ? m.cost.ns[static_cast<size_t>(by)] : 0;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
