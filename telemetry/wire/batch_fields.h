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
// A kind_runs value: the kind in its low bits, above them the run's length minus one. A kind too large for the bits
// stores the escape there, and kFirstEscapedKind less than itself as the next value.
inline constexpr int kKindBits = 4;
inline constexpr uint64_t kKindEscape = 0, kFirstEscapedKind = 1 << kKindBits;
static_assert(kKinds >= kFirstEscapedKind, "the decoder takes every other value of the low bits as a kind");

}  // namespace sweepscope::telemetry::wire
