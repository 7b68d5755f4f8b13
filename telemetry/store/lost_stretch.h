// A stretch of a recorded session whose events cannot be read: they were damaged in the file, or lost before
// they were written. A Recording lists its stretches in the order of time; `sweepctl info` and `check` print
// them, the dashboard hatches them.
#pragma once

#include <cstdint>
#include <string>

namespace sweepscope::telemetry {

inline constexpr uint64_t kUnknownCount = ~uint64_t{0};

struct LostStretch {
  // Since the start of the engine: the last event before it and the first one after it. Equal if its length
  // is unknown.
  uint64_t from_ns = 0, to_ns = 0;
  uint64_t events = 0;                       // kUnknownCount: unknown
  uint32_t first_cycle = 0, last_cycle = 0;  // the cycles lost whole; 0: none
  std::string why;                           // "damaged chunk", "the engine's chunk pool was full", ...
};

}  // namespace sweepscope::telemetry
