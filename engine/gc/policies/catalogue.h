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

std::span<const PolicyEntry> policies();  // the default first
const PolicyEntry* find_policy(std::string_view name);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
