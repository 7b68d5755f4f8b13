// The recent events of one span, found by a backward search in a session. Pure; called on the session's worker.
#pragma once

#include <cstdint>
#include <vector>

#include "gui/models/player.h"
#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct SpanStory {
  telemetry::SpanId span = telemetry::kNoId;
  std::vector<PlayedEvent> events;  // newest last
  bool complete = false;            // reaches back to the session's start
};

// The events of the span before `end`, where the heap's sweepgen is `sweepgen`; searches a bounded number of
// events.
SpanStory readStory(telemetry::EventLog& log, telemetry::SpanId span, uint64_t end, uint32_t sweepgen);

}  // namespace sweepscope::gui
