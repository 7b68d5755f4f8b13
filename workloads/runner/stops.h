// The stops of the world of a collection, in their order. Every figure about stops is made from these.
//
// Concurrent marking: one for sweep termination, any number after which marking was resumed, one for mark
// termination. Stopped marking: the one for mark termination, which holds the whole collection.
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
