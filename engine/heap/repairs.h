// Repairs: which of Go's later repairs of the seed commit the heap's code applies (engine/README.md).
//
// All of them, unless the flush policy leaves some out (FlushPolicy::repairs): `lazy-seed` leaves them out on
// purpose. Written once, before any thread runs; the heap reads it at the places named here and nowhere else.
#pragma once

#include <cstdint>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// What uncache_span does with a stale span that has room, after nmalloc was corrected (D2, Go 70d7e96c78).
enum class UncacheOrder : uint8_t {
  kSweepMayFree,  // h-1, sweep, which lists the span if it has room and frees it if it is dead (I11)
  kSweepPreserves,  // h-1, sweep with preserve, recount the room, onto `nonempty`: a dead span stays there for ever
};

struct Repairs {
  // D1, Go 7d2f46dacd, #27997: sweep_one lets a popped span that is not in use be h+3 when it reads a second
  // time.
  bool popped_span_may_be_cached = true;
  UncacheOrder uncache_order = UncacheOrder::kSweepMayFree;
  // D3, Go a25a77aed2, #45315: flushers and cache_span count in `sweepers`, so completion waits for them.
  bool direct_sweepers_count = true;
  // D4, Go 4f4c23512e, #53885: a sweep of everything in a stopped world flushes every mcache first.
  bool flush_before_stw_sweep = true;
  // D6, Go #57523: a heap_live below its basis owes nothing for that; unsigned, it owes the whole heap.
  bool debt_is_signed = true;
  // Go 08bf64a81e (a part of N1): cache_span sweeps at most MCentral::kFullSpansToSweep full spans before it grows
  // the heap.
  bool full_spans_are_budgeted = true;
  // D5, Go 95a6f112c6, #27993: the stop of mark termination checks whether a barrier buffer made an object
  // grey, and marking continues if so. The marker belongs to no policy: all have it, tests leave it out.
  bool recheck_in_stop = true;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
