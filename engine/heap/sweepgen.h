// The sweep protocol's state of one span: two numbers, five answers.
//
// A span has no sweep state of its own. Its state is the distance of its sweepgen from the heap's (h),
// which is even and grows by 2 at every mark termination while the world is stopped.
// The turn therefore relabels every span at once and writes none:
//
//                T1 allocate              T2 refill                   turn (h += 2)
//      (free) ─────────────▶  0 SWEPT ───────────────▶ +3 CACHED ═════════════════════▶ +1 STALE
//         ▲                   ▲ ▲  ║ ◀─────────────────  │                               │
//         │ T9 sweeper,       │ │  ║  T3 refill (full)   │                               │ T7 the flusher of
//         └─ nothing lives ───┘ │  ║  T4 uncache ────────┘                               │    its mcache only
//                               │  ║                                                     ▼
//                     T8 owner  │  ╚══════════════════▶ -2 NEEDS ──────────────────▶ -1 SWEEPING
//                               │     turn (h += 2)         T6 anyone, by CAS            │
//                               └────────────────────────────────────────────────────────┘
//
//   distance  name      who may touch it               meaning
//     -2      NEEDS     anyone, by CAS to -1           marked in the last cycle, not swept, in no mcache
//     -1      SWEEPING  the owner that moved it there  being swept
//      0      SWEPT     holder of its list's lock      swept or new, in no mcache, allocatable if it has room
//     +1      STALE     the flusher of the mcache      cached before the turn: its flusher must sweep it
//     +3      CACHED    the P that owns the mcache     swept or new in this cycle, then cached
//
// Nothing else exists: +2 never occurs, -3 and -4 would mean that a span missed a whole cycle.
// At a turn there must be no SWEEPING (it would read -3) and no STALE span (it would read SWEEPING for ever).
// All arithmetic is modulo 2^32 and lives in decode() and encode(); everything else speaks states.
// Source: Go 873bd47dfb34, runtime/mheap.go.
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

#include "engine/base/fault.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

enum class SweepState : uint8_t { kNeeds, kSweeping, kSwept, kStale, kCached };

// h at birth. Not 0, so that a span struct never used (all zero)
// does not read NEEDS in the first cycle (I15).
inline constexpr uint32_t kFirstHeapGen = 4;

// Fault cached-is-plus-two: CACHED is at 2, which the turn takes to SWEPT and not to STALE, and 3 is nothing.
constexpr bool cached_is_plus_two() {
  return !std::is_constant_evaluated() && fault(Fault::kCachedIsPlusTwo);
}

constexpr uint32_t encode(SweepState state, uint32_t h) {
  switch (state) {
    case SweepState::kNeeds: return h - 2;
    case SweepState::kSweeping: return h - 1;
    case SweepState::kSwept: return h;
    case SweepState::kStale: return h + 1;
    case SweepState::kCached: return h + (cached_is_plus_two() ? 2 : 3);
  }
  return h;
}

constexpr std::optional<SweepState> decode(uint32_t raw, uint32_t h) {
  uint32_t distance = raw - h;
  if (cached_is_plus_two() && (distance == 2 || distance == 3)) distance ^= 1;
  switch (distance) {
    case static_cast<uint32_t>(-2): return SweepState::kNeeds;
    case static_cast<uint32_t>(-1): return SweepState::kSweeping;
    case 0: return SweepState::kSwept;
    case 1: return SweepState::kStale;
    case 3: return SweepState::kCached;
    default: return std::nullopt;
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
