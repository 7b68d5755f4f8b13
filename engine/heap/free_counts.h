// Objects that sweeping freed, and slots that were promised and never used.
// Charged to the mcache of the acting thread, or to the thread if it holds none:
// plain counters with one writer, read exactly in a stopped world.
#pragma once

#include <array>
#include <cstdint>

#include "engine/memory/size_class.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct FreeCounts {
  std::array<uint64_t, kNumSizeClasses> small{};   // objects by size class
  std::array<uint64_t, kNumSizeClasses> unused{};  // slots by size class, in nmalloc and taken back (I10)

  uint64_t unused_bytes = 0;  // of fresh spans, still counted in heap_live; 0 outside of release_all (I9)
  uint64_t tiny = 0;          // objects carved from a tiny block: mallocs and frees at once (Go)
  uint64_t large = 0;         // objects
  uint64_t large_bytes = 0;

  void operator+=(const FreeCounts& other) {
    for (size_t c = 0; c < kNumSizeClasses; ++c) {
      small[c] += other.small[c];
      unused[c] += other.unused[c];
    }
    unused_bytes += other.unused_bytes;
    tiny += other.tiny;
    large += other.large;
    large_bytes += other.large_bytes;
  }
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
