// SchedThread: a thread as the scheduler uses it: the P it owns and its run permit.
// The scheduler's part of an M (gc/m.h). Owned and used by its thread alone.
#pragma once

#include "engine/heap/heap_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class P;

struct SchedThread : HeapThread {
  P* p = nullptr;          // the P this thread owns, or null
  uint64_t slice_end = 0;  // monotonic ns: when it gives up its run permit if other threads wait for one
  bool has_permit = false;
  // Gives its P and permit up as soon as any thread waits for one: an idle mark worker. Changes while it owns no P.
  bool borrows = false;
  bool needs_permit =
      true;  // a mark worker has an account of its own: the collector's budget (gc/mark_workers.h)
};

// The heap belongs to threads that own a P. Fatal "misuse" for one that does not: it is inside
// Mutator::blocking(), where a stop does not wait for it and a marker may be reading its stack.
[[noreturn]] void fail_without_p(SchedThread& m);
inline void check_owns_p(SchedThread& m) {
  if (m.p == nullptr) [[unlikely]]
    fail_without_p(m);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
