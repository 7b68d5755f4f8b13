// The colour of a new object (Dijkstra's tricolour abstraction; grey objects are the marker's business).
#pragma once

#include <cstdint>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Of a new object. A black one carries its mark from birth: marking is under way, or its span is STALE and its own
// sweep still to come (policy `ragged`).
enum class Colour : uint8_t { kWhite, kBlack };

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
