// All workloads. The list is in catalogue.cc.
#pragma once

#include <span>
#include <string_view>

#include "workloads/workload.h"

namespace sweepscope::workloads {

std::span<const Workload* const> all_workloads();
const Workload* find_workload(std::string_view name);  // null: unknown

}  // namespace sweepscope::workloads
