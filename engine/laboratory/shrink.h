// Makes a schedule that breaks a rule easier to read: fewer switches between fibers, then fewer steps, and
// still the same rule. Greedy; every candidate is a real run of the real engine.
#pragma once

#include "engine/laboratory/experiment.h"

namespace sweepscope::laboratory {

// `schedule` replays to its violation. The result does too. Runs at most kShrinkRuns candidates.
inline constexpr uint32_t kShrinkRuns = 2000;
Schedule shrink(Experiment& experiment, const Schedule& schedule);

}  // namespace sweepscope::laboratory
