// Field numbers of the Batch message, for its writer and its reader.
#pragma once

#include <cstdint>

#include "telemetry/wire/rows.h"

namespace sweepscope::telemetry::wire {

enum BatchField : uint32_t {
  kFirstSeq = 1,
  kCount,
  kLostBefore,
  kBaseNs,
  kSweepgenBase,
  kKindRuns,
  kRunStream,
  kRunLength,
  kRunNs,
  kNsDelta,
  kFirstColumns = 17,
};
inline constexpr int kKindBits = 4;  // of a kind_runs value; the rest is the run's length minus one
static_assert(kKinds < 1 << kKindBits);

}  // namespace sweepscope::telemetry::wire
