// The heap verifier: walks every span, list, queue, mcache and reference of a stopped world
// independently of the marker and the sweeper.
//
// check_protocol executes the invariants of engine/README.md that hold in any stopped state, or those
// of gc_start. check_marks is Go's checkmark mode: marks again, serially, with a set of its own, and compares
// with the mark bits. Fatal "heap verifier" with the number of the invariant when they fail; check_protocol
// can list what it finds instead and walks on where that is safe.
#pragma once

#include <cstdint>

#include "engine/gc/layers.h"
#include "engine/verification.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

enum class VerifyAt : uint8_t { kAnyStop, kGcStart };

// Marked and reachable are the same after marking in a stopped world; after concurrent marking garbage may float.
enum class Marks : uint8_t { kExact, kFloating };

enum class OnViolation : uint8_t { kFail, kReport };

// World stopped (fatal otherwise, in both modes).
Verification check_protocol(M& m, const Layers& layers, VerifyAt at,
                            OnViolation on_violation = OnViolation::kFail);
// After marking, before the turn. Returns the number of objects visited.
uint64_t check_marks(M& m, const Layers& layers, Marks marks);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
