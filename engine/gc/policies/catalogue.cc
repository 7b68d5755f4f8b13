#include "engine/gc/policies/catalogue.h"

#include <array>

#include "engine/gc/policies/eager.h"
#include "engine/gc/policies/lazy.h"
#include "engine/gc/policies/lazy_seed.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

template <class Policy>
std::unique_ptr<FlushPolicy> make(MHeap& heap, Sched*& sched) {
  return std::make_unique<Policy>(heap, sched);
}

constexpr std::array kPolicies{
    PolicyEntry{
        "lazy",
        "each P flushes and sweeps its mcache when it next runs; idle Ps by a barrier after the pause",
        make<LazyPolicy>},
    PolicyEntry{"eager", "all mcaches are flushed inside the mark-termination pause (Go before the change)",
                make<EagerPolicy>},
    PolicyEntry{"lazy-seed",
                "lazy as Go first shipped it, with the defects D1 to D4 that were repaired later",
                make<LazySeedPolicy>},
};

}  // namespace

std::span<const PolicyEntry> policies() { return kPolicies; }

const PolicyEntry* find_policy(std::string_view name) {
  for (const PolicyEntry& entry : kPolicies)
    if (entry.name == name) return &entry;
  return nullptr;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
