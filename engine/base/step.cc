#include "engine/base/step.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

const char* name(Word word) {
  switch (word) {
    case Word::kNone: return "none";
    case Word::kHeapGen: return "sg";
    case Word::kSweepgen: return "sweepgen";
    case Word::kSpanState: return "state";
    case Word::kFreeIndex: return "freeindex";
    case Word::kBitsSwap: return "mark bits";
    case Word::kListLock: return "mcentral.lock";
    case Word::kNmalloc: return "nmalloc";
    case Word::kSweepQueue: return "sweep queue";
    case Word::kSweepDone: return "sweepdone";
    case Word::kSweepers: return "sweepers";
    case Word::kUnflushed: return "unflushed";
    case Word::kFlushGen: return "flush_gen";
    case Word::kPStatus: return "status";
    case Word::kSafePoint: return "safe point request";
    case Word::kPhase: return "phase";
    case Word::kWorld: return "world";
    case Word::kAttention: return "attention";
    case Word::kHeapLive: return "heap_live";
    case Word::kPagesSwept: return "pages_swept";
    case Word::kHeapLock: return "mheap.lock";
    case Word::kSchedLock: return "sched.lock";
    case Word::kWorldSema: return "worldsema";
    case Word::kPermits: return "run permits";
    case Word::kThread: return "thread";
    case Word::kUnsweptLarge: return "unswept large spans";
    case Word::kSpecials: return "specials";
    case Word::kSweepCredit: return "sweep credit";
    case Word::kOther: return "word";
    case Word::kReference: return "reference";
    case Word::kStackScan: return "stack scan";
    case Word::kMarkWork: return "mark work";
    case Word::kRoom: return "room at the limit";
    case Word::kScavenge: return "scavenged pages";
    case Word::kPacer: return "pacer";
    case Word::kCrew: return "crew of a stopped world";
  }
  return "?";
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
