// Translates the engine's records to telemetry's events. Any thread, no state.
#pragma once

#include <optional>

#include "engine/observe/event.h"
#include "telemetry/model/event.h"

namespace sweepscope::telemetry {

// Nothing if the record's kind or an enumerator in it does not exist: a broken emitter must not break a
// reader.
std::optional<Body> translate(const observe::Record& record);

}  // namespace sweepscope::telemetry
