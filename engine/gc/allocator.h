// Allocator: the malloc path (Go's mallocgc): one allocation, from a size to zeroed memory that the collector can
// trace.
//
//   size -> size class -> the P's cached span of that class -> its next free slot  (no lock, no atomic RMW)
//        -> slot used up: refill: a swept span of the mcentral, or sweep one, or fresh pages  (slow)
//        -> trigger reached: a collection first; while it marks: payment for what was allocated (assists.h)
//   below 16 bytes and without references: carved from the P's tiny block, several to a slot of 16 bytes
//
// Everything between two safepoints is non-preemptible by construction: a thread stops only where it polls.
#pragma once

#include "engine/gc/m.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Assists;
class Collector;
class FlushPolicy;

enum class TinyBlocks : uint8_t {
  kOff,
  kOn
};  // off: pointer-free objects below 16 bytes get slots of their own

class Allocator {
 public:
  Allocator(MHeap& heap, FlushPolicy& policy, Collector& collector, Assists& assists, TinyBlocks tiny_blocks)
      : heap_(heap), policy_(policy), collector_(collector), assists_(assists), tiny_blocks_(tiny_blocks) {}

  // For a program on m, which owns a P (else fatal "misuse"): `bytes` of zeroed memory, whose first `refs` words are
  // traced. Fatal "misuse" when they are more than the object has; "out of memory" at the heap limit, after two
  // collections that found no room. May run a collection: raw pointers die, m may come back on another P.
  void* allocate(M& m, size_t bytes, size_t refs);

 private:
  struct Slot {
    MSpan* span;
    uint32_t index;
  };
  Slot take_slot(M& m, SpanClass span_class);
  MSpan& refill_span(M& m, SpanClass span_class);
  template <class F>
  MSpan& find_room(M& m, uint64_t bytes, F attempt);
  void* allocate_tiny(M& m, uint32_t size);
  void* allocate_large(M& m, size_t bytes, size_t refs);
  void blacken(M& m, MSpan& span, uint32_t slot);
  void blacken_stale(M& m, MSpan& span, uint32_t slot);

  MHeap& heap_;
  FlushPolicy& policy_;
  Collector& collector_;
  Assists& assists_;
  const TinyBlocks tiny_blocks_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
