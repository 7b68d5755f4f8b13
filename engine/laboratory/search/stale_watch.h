// Whether a stale span existed in a run: one that was cached before the turn, so that its sweepgen reads sg + 1.
#pragma once

#include "engine/laboratory/search/experiment.h"

namespace sweepscope::laboratory {

// Replays the schedule and follows sg and every span's sweepgen from its steps, up to its end.
bool had_stale_span(Experiment& experiment, const Schedule& schedule);

}  // namespace sweepscope::laboratory
