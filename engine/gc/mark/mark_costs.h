// MarkCosts: what the marking of a cycle cost, all threads together. Threads add when they have scanned for a while, so
// the stop that ends marking visits no thread: it would wait for a cache miss or two for each.
//
// A thread's own part of the cycle is in its MarkThread, for the share of the fractional worker.
#pragma once

#include <array>
#include <atomic>

#include "engine/gc/mark/mark_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MarkCosts {
 public:
  // World stopped: the marking of a cycle begins.
  void begin(uint32_t cycle);
  // By m, which owns a P: since the last call it scanned so many bytes of objects with references.
  void add(MarkThread& m, MarkedBy by, uint64_t bytes, uint64_t ns);
  // By an assist: bytes of credit in place of its scanning.
  void add_stolen(uint64_t bytes);
  // World stopped, marking complete.
  MarkCost sum() const;
  // Of this cycle, by m.
  uint64_t ns_of(const MarkThread& m, MarkedBy by) const;

 private:
  struct Sums {
    std::atomic<uint64_t> ns{0}, scanned{0};
  };
  uint32_t cycle_ = 0;  // written in a stopped world
  // relaxed all: sums that guard no other data. The stop orders their last change and the reader. No protocol words:
  // they are reported, and the controller learns from the time of the assists, which the laboratory does not have.
  alignas(64) std::array<Sums, kMarkerKinds> sums_{};
  std::atomic<uint64_t> stolen_{0};
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
