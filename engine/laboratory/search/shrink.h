// Shortens a schedule that violates a rule: fewer switches between fibers, then fewer steps, with the same
// rule. Greedy; every candidate is a run of the engine.
#pragma once

#include "engine/laboratory/search/experiment.h"

namespace sweepscope::laboratory {

// `schedule` must replay to its violation, and so does the result. Runs at most kShrinkRuns candidates.
inline constexpr uint32_t kShrinkRuns = 2000;
Schedule shrink(Experiment& experiment, const Schedule& schedule);

}  // namespace sweepscope::laboratory
