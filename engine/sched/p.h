// P: a processor slot. A thread must own one to run program code (Go's p).
//
//                    acquire_p                      poll: stop
//        ┌──────┐ ─────────────▶ ┌─────────┐ ────────────────▶ ┌─────────┐
//        │ idle │                │ running │                   │ stopped │──┐ acquire_p, by its thread or another
//        └──────┘ ◀───────────── └─────────┘ ◀─────────────────└─────────┘◀─┘
//          ▲  ▲      release_p     │  ▲   │
//          │  │                    │  │   │ poll: gives up its permit    ┌───────┐
//          │  │        blocking(), │  │   └─────────────────────────────▶│ ready │──▶ running, by acquire_p
//          │  │          a system  ▼  │ the same thread,                 └───────┘
//          │  │           call  ┌─────────┐ if nobody took it
//          │  └─────────────────│ blocked │
//          │    stop, procresize└─────────┘       idle, ready, stopped, blocked ──▶ flushing ──▶ idle (or as before):
//          │    take it back                      a flusher acts for it (for_each_p)
//        dead ◀── procresize ── any; ──▶ idle when it grows again
//
// Every status change happens under sched.lock, by the owner or by whoever takes a P that nobody runs on; a thread that
// stopped, got ready or blocked no longer owns its P and comes back only through acquire_p, even to the same P. Without
// that rule lazy flushing is a use after free: the mcache may have become stale meanwhile. A blocked P is left to its
// thread while there is another to be had, and acquired by whoever finds none.
#pragma once

#include "engine/heap/mcache.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline constexpr uint32_t kNoThread = ~0u;

// The drawing as a table: may a P go from one status to the other?
constexpr bool may_follow(observe::PStatus from, observe::PStatus to) {
  using enum observe::PStatus;
  switch (from) {
    case kIdle:
    case kReady:
    case kStopped: return to == kRunning || to == kFlushing || to == kDead;
    case kBlocked: return to == kRunning || to == kFlushing || to == kDead || to == kIdle;
    case kRunning: return to == kIdle || to == kReady || to == kStopped || to == kBlocked;
    case kFlushing: return to == kIdle || to == kReady || to == kStopped || to == kBlocked;
    case kDead: return to == kIdle;
  }
  return false;
}

class alignas(64) P {
 public:
  explicit P(uint16_t number) : id(number) {
    status.bind(Word::kPStatus, number);
    safe_point.bind(Word::kSafePoint, number);
    status.init(observe::PStatus::kDead);
  }

  const uint16_t id;
  Shared<observe::PStatus> status;
  // acq_rel: a request (release) brings the function and its captures to who takes it (acquire).
  Shared<uint32_t> safe_point;    // 1: for_each_p wants its function run here; whoever swaps it to 0 runs it
  uint32_t owner = kNoThread;     // thread that runs on it; under sched.lock
  P* next = nullptr;              // in one of the scheduler's lists; under sched.lock
  P* previous = nullptr;
  MCache mcache;                  // belongs to whoever owns the P
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
