// What collection stands on: the parts of an engine that the collector, the marker and the verifier walk.
#pragma once

#include "engine/gc/mark/roots.h"
#include "engine/gc/threads.h"
#include "engine/heap/mheap.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct Layers {
  MHeap& heap;
  Sched& sched;
  Threads& threads;
  GlobalRoots& globals;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
