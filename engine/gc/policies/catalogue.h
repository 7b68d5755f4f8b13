// The flush policies there are. `sweepctl list`, run, compare, explore and the dashboard's menus read this.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/gc/policies/policy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct PolicyEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<FlushPolicy> (*create)(MHeap& heap, Sched*& sched);
};

template <class Policy>
std::unique_ptr<FlushPolicy> make_policy(MHeap& heap, Sched*& sched) {
  return std::make_unique<Policy>(heap, sched);
}

std::span<const PolicyEntry> policies();  // the default first
const PolicyEntry* find_policy(std::string_view name);

// While it lives find_policy finds one more policy, which policies() does not list.
// For tests that need a wrong policy: one at a time, made before the engines that use it.
class PolicyForTesting {
 public:
  explicit PolicyForTesting(const PolicyEntry& entry);
  ~PolicyForTesting();
  PolicyForTesting(const PolicyForTesting&) = delete;
  PolicyForTesting& operator=(const PolicyForTesting&) = delete;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
