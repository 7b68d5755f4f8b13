#include "workloads/catalogue.h"

// One line per workload: the function that returns its description, defined in the file of the same name.
#define SWEEPSCOPE_WORKLOADS(X) \
  X(binary_trees)               \
  X(idle_ps)                    \
  X(trace)

namespace sweepscope::workloads {

#define X(function) const Workload& function();
SWEEPSCOPE_WORKLOADS(X)
#undef X

std::span<const Workload* const> all_workloads() {
#define X(function) &function(),
  static const Workload* const list[] = {SWEEPSCOPE_WORKLOADS(X)};
#undef X
  return list;
}

const Workload* find_workload(std::string_view name) {
  for (const Workload* workload : all_workloads())
    if (workload->name() == name) return workload;
  return nullptr;
}

}  // namespace sweepscope::workloads
