// MCache: the spans one P allocates from without a lock (Go's mcache).
//
// Owned by the owner of the P: the thread that runs on it, a flusher that claimed it while idle,
// the coordinator of a stopped world. flush_gen is the h at which it was last flushed; flush_gen != h
// means that all its spans are STALE (or it has none), and it must be flushed before the first allocation:
// prepare_for_sweep. flush_gen is always h or h-2.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/prefetch.h"
#include "engine/heap/colour.h"
#include "engine/heap/heap_thread.h"
#include "engine/heap/mspan.h"
#include "engine/heap/stack_pool.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;

struct FlushResult {
  uint32_t spans = 0;  // that left the cache
  uint32_t swept = 0;  // of them: stale, swept here
};

class MCache {
 public:
  // alloc[span class]; MHeap::empty_span where the class has none.
  std::array<MSpan*, kNumSpanClasses> alloc;
  Shared<uint32_t> flush_gen;
  uint16_t p = observe::kNoP;  // whose it is
  uint32_t cached = 0;         // spans in alloc
  // Of objects allocated from here. Plain, because it belongs to the owner like all else:
  // decided when a P is taken (AcquireHooks), MHeap::birth_colour() after a flush. It cannot go out of date in between:
  // h changes in a stopped world only, when every P but the coordinator's has been given up,
  // and that one is asked again at the start.
  Colour colour = Colour::kWhite;
  uint64_t black_bytes = 0;  // of the objects from STALE spans since the last flush, which reports them
  FreeCounts frees;          // charged by the thread that holds the P

  // The block that pointer-free objects below 16 bytes are carved from;
  // 0: none. Carving does not mark, so the block is a root: of every P in stopped marking, of each P that is acquired
  // in concurrent marking. Every flush drops it, so no pointer outlives its P.
  uintptr_t tiny = 0;
  uint32_t tiny_offset = 0;  // bytes of it in use

  StackCache stacks;  // free segments for shadow stacks; every flush gives them back

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(flush_gen);
    for (size_t word = 0; word < std::size(occupied_); ++word)
      for (uint64_t left = occupied_[word]; left != 0; left &= left - 1) {
        const uint64_t raw = 64 * word + static_cast<uint64_t>(std::countr_zero(left));
        to.add(raw << 32 | alloc[raw]->id);
      }
    to.add(tiny);
    to.add((uint64_t{tiny_offset} << 8) | static_cast<uint64_t>(colour));
    for (const StackSegment* first : stacks.free) add_segments(to, first);
  }

  // Asks for what a flush reads first. No access: the cache may be another thread's.
  void prefetch() const {
    const auto ask = [](const auto& table) {
      for (size_t at = 0; at < sizeof table; at += 64)
        prefetch_to_write(reinterpret_cast<const char*>(&table) + at);
    };
    ask(alloc);
    ask(occupied_);
    ask(frees.unused);
  }

  // Under mheap.lock (procresize): empty, flushed as of h. A P that lives again was flushed when it was
  // destroyed, so there is neither a tiny block nor a stack segment.
  void init(MHeap& heap, uint16_t p_id, uint32_t h);

 private:
  friend void cache_swept(HeapThread& m, MHeap& heap, MSpan& span);
  friend MSpan* refill(HeapThread& m, MHeap& heap, SpanClass span_class);
  friend FlushResult release_all(HeapThread& m, MHeap& heap, MCache& cache);
  void install(MSpan& span);
  void drop(MHeap& heap, uint8_t raw_class);  // the span of this class is no longer here
  // bit = class with a span: a flush costs its spans, not 134
  uint64_t occupied_[(kNumSpanClasses + 63) / 64] = {};
};

// Where the acting thread counts what leaves use.
inline FreeCounts& taken_back(HeapThread& m) { return m.mcache != nullptr ? m.mcache->frees : m.frees; }

// Replaces the full span of its class in m's mcache by one with room (T3, then cache_span, then T2).
// Null when there is none and the heap cannot grow; the full span has left the mcache all the same.
// Non-preemptible.
MSpan* refill(HeapThread& m, MHeap& heap, SpanClass span_class);

// The end of a refill: checks that the span has room and that its counts agree with its bits,
// then T2 and into m's mcache, whose slot of the class is free.
void cache_swept(HeapThread& m, MHeap& heap, MSpan& span);

// Empties the cache: every span goes back to its mcentral, stale ones are swept on the way;
// the tiny block is dropped. Does not touch flush_gen.
// The caller owns the cache, or the world is stopped. Spans are looked at in class order.
FlushResult release_all(HeapThread& m, MHeap& heap, MCache& cache);

// Go's prepareForSweep: flushes the cache if the heap entered a new sweep phase since its last flush. Must
// happen between the turn and the first allocation from it. Fatal "bad flushGen" if it missed a whole cycle.
void prepare_for_sweep(HeapThread& m, MHeap& heap, MCache& cache, observe::FlushCause cause);

// release_all and the stack cache, in the current sweep phase for another reason than the turn;
// flush_gen is not touched. Counted and emitted under `cause`. By the owner, or in a stopped world.
void release(HeapThread& m, MHeap& heap, MCache& cache, observe::FlushCause cause);

// release_all and the stack cache at the current h,
// counted and emitted under `cause`; stores flush_gen := gen.
void flush(HeapThread& m, MHeap& heap, MCache& cache, uint32_t gen, observe::FlushCause cause);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
