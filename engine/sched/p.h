// P: a processor slot. A thread must own one to run program code (Go's p).
//
//                    acquire_p                    poll: stop
//        ┌──────┐ ─────────────▶ ┌─────────┐ ────────────▶ ┌─────────┐
//        │ idle │                │ running │               │ stopped │──┐ acquire_p, by its thread or another
//        └──────┘ ◀───────────── └─────────┘ ◀─────────────└─────────┘◀─┘
//          ▲  ▲      release_p     │  ▲   │
//          │  │                    │  │   │ poll: gives up its permit    ┌───────┐
//          │  │        blocking(), │  │   └─────────────────────────────▶│ ready │──▶ running, by acquire_p
//          │  │          a system  ▼  │ the same thread,                 └───────┘
//          │  │           call  ┌─────────┐ if it is still there
//          │  └─────────────────│ blocked │
//          │    stop, procresize└─────────┘  idle, ready, stopped, blocked ──▶ flushing ──▶ as it was before:
//          │    take it back                 a flusher acts for it (for_each_p, claim_for_flush)
//        dead ◀── procresize ── any; ──▶ idle when it grows again
//
// A thread that stopped, got ready or blocked no longer owns its P and comes back only
// through acquire_p, even to the same P. Without that rule lazy flushing is a use after free:
// the mcache may have become stale meanwhile. A blocked P is left to its thread while another is
// available, and taken by a thread that finds none.
//
// Who may change a status, and against whom. L = holds sched.lock, S = in a stopped world,
// F = a flusher without the lock (claim_for_flush), which counts as running.
//   out of running     L, its owner alone (release_p): a plain store. F passes over a running P.
//   out of flushing    the thread that put it there, alone: a plain store of the status before.
//   out of the others  L (acquire_p, blocking, for_each_p) or F: by CAS from what was read,
//                      so one of them wins.
//                      S (stop, procresize, change_p): a plain store.
//   L and L            the lock orders them.
//   L and F            F first: acquire_p passes the P over, or waits if there is nothing else;
//                      blocking() goes to acquire_p; for_each_p waits, keeping the lock,
//                      which F does not need to finish.
//                      L first: F loses its CAS and leaves the P alone: acquire_p's owner flushes it,
//                      and so does for_each_p.
//                      F in between (idle, flushing, idle again): L's CAS succeeds, on a P that was flushed;
//                      acquire on the CAS pairs with F's release, since the lock does not order L and F.
//   S and F            never at the same time: F is counted in the world word from before its claim until
//                      the P is as it was, and the stop waits for it. So a stopped world has no flushing P,
//                      and procresize destroys none.
//   F and F            by CAS; the loser leaves the P to the winner.
// A flusher leaves the P in its list and p.owner alone; both belong to L. Wake-ups are not lost:
// a thread that waits for a P counts those in the lists less those that F holds (Sched::flushing_),
// and F wakes it after it gave one back.
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

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(status);
    to.add(safe_point);
    to.add(owner);
    mcache.add_state(to);
  }

  const uint16_t id;
  Shared<observe::PStatus> status;
  // acq_rel: a request (release) publishes the function and its captures to the thread that takes it (acquire).
  // 1: for_each_p wants its function run here; the thread that swaps it to 0 runs it.
  Shared<uint32_t> safe_point;
  uint32_t owner = kNoThread;  // thread that runs on it, or is blocked; under sched.lock
  P* next = nullptr;           // in one of the scheduler's lists; under sched.lock
  P* previous = nullptr;
  MCache mcache;  // belongs to the owner of the P
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
