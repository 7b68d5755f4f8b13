// Allocator: the malloc path (Go's mallocgc): one allocation, from a size to zeroed memory that the collector can
// trace.
//
//   size -> size class -> the P's cached span of that class -> its next free slot  (no lock, no atomic RMW)
//        -> slot used up: refill: a swept span of the mcentral, or sweep one, or fresh pages  (slow)
//        -> trigger reached: a collection first; while it marks: payment for what was allocated (assists.h)
//        -> no pages at the heap limit: collections make room, at most two
//   below 16 bytes and without references: carved from the P's tiny block, several to a slot of 16 bytes
//
// Room at the limit: a thread that found no pages takes `room_` and holds it over its collections and its attempts.
// Other threads take no pages for objects meanwhile: the room that a collection made is still there for
// the thread that asked for it, and an attempt that fails proves that what is in use was live when a marking began that
// is younger than the request. Large objects that are being cleared are held and may be garbage as soon as they are
// clear, so each collection waits for them. (Stack spans are taken all the same: a handle cannot wait.)
//
// Large object: only pages that hold old contents are cleared, kClearedAtOnce of them between two polls, so that a stop
// waits for at most one piece. A cycle may begin, mark and end meanwhile; the object is held by a root of its thread,
// and has no references for markers until it is clear (layout.h).
//
// Everything between two safepoints is non-preemptible by construction: a thread stops only where it polls.
#pragma once

#include "engine/gc/m.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Assists;
class Collector;
class FlushPolicy;
class Sched;
class SlowPath;

inline constexpr uint32_t kTinyBytes =
    16;  // below, objects without references share a block: a slot of kTinySpanClass

// Pages of a large object that are cleared without a poll in between.
inline constexpr uint32_t kClearedAtOnce = kLaboratory ? 1 : (1 << 20) / kPageSize;

enum class TinyBlocks : uint8_t {
  kOff,
  kOn
};  // off: pointer-free objects below 16 bytes get slots of their own

class Allocator {
 public:
  Allocator(MHeap& heap, Sched& sched, FlushPolicy& policy, Collector& collector, Assists& assists,
            TinyBlocks tiny_blocks)
      : heap_(heap),
        sched_(sched),
        policy_(policy),
        collector_(collector),
        assists_(assists),
        tiny_blocks_(tiny_blocks) {
    room_free_.bind(Word::kRoom, 0);
    clearing_.bind(Word::kRoom, 1);
  }

  // For a program on m, which owns a P (else fatal "misuse"): `bytes` of zeroed memory, whose first `refs` words are
  // traced. Fatal "misuse" when they are more than the object has; "out of memory" at the heap limit, if an
  // attempt fails in a completely swept heap after two collections that began after the first failure. May run a
  // collection: raw pointers die, m may come back on another P.
  void* allocate(M& m, size_t bytes, size_t refs);

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(clearing_);
  }

 private:
  struct Slot {
    MSpan* span;
    uint32_t index;
  };
  Slot take_slot(M& m, SpanClass span_class);
  void report_charge();
  MSpan& refill_span(M& m, SpanClass span_class);
  void prepare(M& m, SlowPath& path);
  template <class F>
  MSpan& find_room(M& m, SlowPath& path, uint64_t bytes, F attempt);
  template <class F>
  MSpan& make_room(M& m, uint64_t bytes, F attempt);
  void* allocate_tiny(M& m, uint32_t size);
  void* allocate_large(M& m, size_t bytes, size_t refs);
  void clear_large(M& m, MSpan& span);
  uint32_t clear_piece(uint32_t first, uint32_t end);
  void blacken(M& m, MSpan& span, uint32_t slot);
  void blacken_stale(M& m, MSpan& span, uint32_t slot);

  MHeap& heap_;
  Sched& sched_;
  FlushPolicy& policy_;
  Collector& collector_;
  Assists& assists_;
  const TinyBlocks tiny_blocks_;
  Lock room_{Rank::kRoom, Word::kRoom};  // held by the thread that makes room at the limit
  WaitPoint room_free_;
  // Large objects that are held while they are cleared. relaxed: the next stop orders what a thread does with one.
  Shared<uint32_t> clearing_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
