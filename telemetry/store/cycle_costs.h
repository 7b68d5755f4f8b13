// What a cycle cost the program, or several did: concurrent marking by kind of thread, and the allocations since the
// mark termination before, by path. Sums of the events at the end of each cycle. Plain data; sums of a hostile file
// wrap around.
#pragma once

#include <array>
#include <cstdint>

#include "telemetry/model/event.h"

namespace sweepscope::telemetry {

struct CycleCosts {
  struct Marking {
    uint64_t ns = 0, bytes = 0;  // on a P; scanned
  };
  struct Allocations {
    uint64_t count = 0, total_ns = 0, max_ns = 0;
  };
  // Cycles that marked concurrently. Utilisation and ratio, in millionths, are sums over them.
  uint64_t marked_cycles = 0, utilisation = 0, ratio = 0;
  uint64_t credit_bytes = 0;
  std::array<Marking, kMarkerKinds> marking{};
  std::array<Allocations, kAllocPaths> allocations{};

  const Marking& by(MarkedBy kind) const { return marking[static_cast<size_t>(kind)]; }
  const Allocations& of(AllocPath path) const { return allocations[static_cast<size_t>(path)]; }

  void add(const MarkWork& work);
  void add(const MarkShare& share);
  void add(const AllocLatency& latency);
  void operator+=(const CycleCosts& other);
};

}  // namespace sweepscope::telemetry
