// What is said of a stretch of the session that is missing. Pure.
#pragma once

#include <QString>
#include <vector>

#include "telemetry/store/event_log.h"
#include "telemetry/store/lost_stretch.h"

namespace sweepscope::gui {

// One sentence: which cycles, from when to when, how many events, why. `steps`: time counts steps.
QString describe(const telemetry::LostStretch& lost, bool steps);
// "cycle 7, 1.2 s to 1.4 s": for a list of them.
QString briefly(const telemetry::LostStretch& lost, bool steps);

// The gap of a flight ring that holds a moment.
telemetry::LostStretch lostIn(const telemetry::Gap& gap, const telemetry::Marks& marks);

// What is missing of a cycle whose beginning is not among the marks; nothing if no stretch explains that.
const telemetry::LostStretch* lostCycle(const std::vector<telemetry::LostStretch>& lost,
                                        const telemetry::Marks& marks, uint64_t cycle);

}  // namespace sweepscope::gui
