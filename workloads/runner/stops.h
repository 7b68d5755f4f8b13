// The stops of the world of a collection, in order. All figures about stops are computed from them.
//
// Concurrent marking: one for sweep termination, those after which marking was resumed (of many, the longest), one for mark
// termination. Stopped marking: one for mark termination, which contains the whole collection.
#pragma once

#include "engine/options.h"

namespace sweepscope::workloads {

template <class F>
void for_each_stop(const engine::CycleRecord& cycle, F visit) {
  if (cycle.sweep_termination) visit(*cycle.sweep_termination);
  for (const engine::Pause& pause : cycle.resumed) visit(pause);
  visit(cycle.mark_termination);
}

}  // namespace sweepscope::workloads
