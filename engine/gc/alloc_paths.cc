#include "engine/gc/alloc_paths.h"

#include <utility>

#include "engine/gc/threads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

void add(AllocPaths& sum, const AllocPaths& more) {
  sum.fast += more.fast;
  for (size_t i = 0; i < kAllocPaths; ++i) {
    sum.slow[i].count += more.slow[i].count;
    sum.slow[i].total_ns += more.slow[i].total_ns;
    sum.slow[i].max_ns = std::max(sum.slow[i].max_ns, more.slow[i].max_ns);
  }
}

}  // namespace

double AllocationCosts::ns_per_tick() const {
  const uint64_t ticks = stamp() - first_tick_;
  return ticks == 0 ? 0 : static_cast<double>(now_ns() - first_ns_) / static_cast<double>(ticks);
}

// costs_of(thread): its PathCosts and its fast allocations.
template <class F>
AllocPaths AllocationCosts::sum(F costs_of) {
  AllocPaths sum{};
  if constexpr (kLaboratory) return sum;  // the visit would be a step of every cycle
  PathCosts ticks{};
  threads_.for_each([&](M& thread) {
    const auto [costs, fast] = costs_of(thread);
    sum.fast += fast;
    for (size_t i = 0; i < kAllocPaths; ++i) ticks[i] += costs[i];
  });
  const double rate = ns_per_tick();
  for (size_t i = 0; i < kAllocPaths; ++i)
    sum.slow[i] = {ticks[i].count, static_cast<uint64_t>(rate * static_cast<double>(ticks[i].total)),
                   static_cast<uint64_t>(rate * static_cast<double>(ticks[i].max))};
  return sum;
}

AllocPaths AllocationCosts::take(uint8_t parity) {
  const AllocPaths taken = sum([parity](M& thread) {
    return std::pair(std::exchange(thread.paths[parity], {}), std::exchange(thread.fast_allocs[parity], 0));
  });
  add(taken_, taken);
  return taken;
}

AllocPaths AllocationCosts::ever() {
  AllocPaths ever = sum([](const M& thread) {
    PathCosts costs = thread.paths[0];
    for (size_t i = 0; i < kAllocPaths; ++i) costs[i] += thread.paths[1][i];
    return std::pair(costs, thread.fast_allocs[0] + thread.fast_allocs[1]);
  });
  add(ever, taken_);
  return ever;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
