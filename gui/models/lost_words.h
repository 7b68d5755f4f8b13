// Descriptions of a missing stretch of the session. Pure.
#pragma once

#include <QString>
#include <vector>

#include "telemetry/store/event_log.h"
#include "telemetry/store/lost_stretch.h"

namespace sweepscope::gui {

// One sentence: the cycles, the interval, the number of events, the reason. `steps`: time counts steps.
QString describe(const telemetry::LostStretch& lost, bool steps);
// "cycle 7, 1.2 s to 1.4 s": for a list of them.
QString briefly(const telemetry::LostStretch& lost, bool steps);

// The gap of a flight ring that holds a moment.
telemetry::LostStretch lostIn(const telemetry::Gap& gap, const telemetry::Marks& marks);

// The stretch that explains why the beginning of a cycle is not among the marks; null if there is none.
const telemetry::LostStretch* lostCycle(const std::vector<telemetry::LostStretch>& lost,
                                        const telemetry::Marks& marks, uint64_t cycle);

}  // namespace sweepscope::gui
