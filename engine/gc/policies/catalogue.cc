#include "engine/gc/policies/catalogue.h"

#include <array>

#include "engine/gc/policies/eager.h"
#include "engine/gc/policies/idle_first.h"
#include "engine/gc/policies/lazy.h"
#include "engine/gc/policies/lazy_seed.h"
#include "engine/gc/policies/ragged.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

constexpr std::array kPolicies{
    PolicyEntry{
        "lazy",
        "each P flushes and sweeps its mcache when it next runs; idle Ps by a barrier after the pause",
        make_policy<LazyPolicy>},
    PolicyEntry{"eager", "all mcaches are flushed inside the mark-termination pause (Go before the change)",
                make_policy<EagerPolicy>},
    PolicyEntry{"lazy-seed",
                "lazy as Go first shipped it, with the defects D1 to D4 and D6 that were repaired later",
                make_policy<LazySeedPolicy>},
    PolicyEntry{
        "idle-first",
        "as lazy, but the background sweeper claims idle Ps one by one; no thread waits for a barrier",
        make_policy<IdleFirstPolicy>},
    PolicyEntry{
        "ragged",
        "a P keeps its stale mcache, allocates black from it, and flushes it at its next slow path or poll",
        make_policy<RaggedPolicy>},
};

const PolicyEntry* for_testing = nullptr;

}  // namespace

std::span<const PolicyEntry> policies() { return kPolicies; }

const PolicyEntry* find_policy(std::string_view name) {
  for (const PolicyEntry& entry : kPolicies)
    if (entry.name == name) return &entry;
  return for_testing != nullptr && for_testing->name == name ? for_testing : nullptr;
}

PolicyForTesting::PolicyForTesting(const PolicyEntry& entry) { for_testing = &entry; }
PolicyForTesting::~PolicyForTesting() { for_testing = nullptr; }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
