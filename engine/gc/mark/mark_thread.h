// MarkThread: a thread as the marker uses it: its roots, its write barrier, what it made black.
// The marker's part of an M (gc/m.h). Its thread owns it; `stack_scan` lets a marker read the stack.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/base/shared.h"
#include "engine/gc/mark/shadow_stack.h"
#include "engine/observe/event.h"
#include "engine/sched/p.h"
#include "engine/sched/sched_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// What was made black, in size class sizes.
struct MarkTotals {
  uint64_t bytes = 0;
  uint64_t objects = 0;

  void operator+=(const MarkTotals& other) {
    bytes += other.bytes;
    objects += other.objects;
  }
  MarkTotals operator-(const MarkTotals& other) const {
    return {bytes - other.bytes, objects - other.objects};
  }
};

using observe::kMarkerKinds;
using observe::MarkedBy;

// What the concurrent marking of a cycle cost a thread, or all.
struct MarkCost {
  // By MarkedBy: on a P; bytes of objects with references.
  std::array<uint64_t, kMarkerKinds> ns{}, scanned{};
  uint64_t stolen = 0;  // bytes of credit in place of an assist's scanning

  void add(MarkedBy by, uint64_t bytes, uint64_t time) {
    scanned[static_cast<size_t>(by)] += bytes;
    ns[static_cast<size_t>(by)] += time;
  }
};

// Of a shadow stack during concurrent marking (mark_phase.h).
enum class StackScan : uint8_t {
  kDone,     // black; also outside concurrent marking
  kOutside,  // wanted, and its thread owns no P: a marker may claim it
  kRunning,  // wanted, and its thread runs: scans it at its next safepoint, or before it gives up its P
  kClaimed,  // a marker scans it: its thread waits before it runs
};

// References that the write barrier saw and that are not marked yet (Go: wbBuf). Its thread's alone;
// empty whenever it owns no P, and outside of mark phases.
struct BarrierBuffer {
  static constexpr uint32_t kSize = kLaboratory ? 8 : 512;
  uint32_t used = 0;
  std::array<uint64_t, kSize> seen;

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(used);
    for (uint32_t i = 0; i < used; ++i) to.add(seen[i]);
  }
};

struct MarkThread : SchedThread {
  // Together, 64 bytes at most (asserted below): the stop that begins marking reads them of each thread. Not aligned: a
  // Stranger lies on a stack.
  ShadowStack stack;
  // Of this cycle: what its assists paid for beyond what it allocated; < 0: it owes marking (assists.h).
  int64_t assist_bytes = 0;
  MarkThread* next_wanted = nullptr;  // of MarkPhase::wanted_
  // release by the scanner of the stack, acquire by its thread, which changes the stack only after that.
  // Claimed with acquire. The world's start publishes that a scan is wanted.
  Shared<StackScan> stack_scan;

  // Its stores of references go through the barrier, and its new objects are born black. Of a thread that owns
  // a P: set when it takes one (MarkPhase::acquired), current until it gives it up, since phases change in a
  // stopped world only (Go: writeBarrier.enabled).
  bool write_barrier = false;
  BarrierBuffer barrier;
  // Ever, by this thread: as a marker, by its barrier, black from birth. What it has beyond `marks_counted` is not yet in
  // the sums of MarkPhase: nothing while the thread owns no P, except of a helper at work.
  MarkTotals marked, marks_counted;
  MarkCost cost;            // in cycle cost_cycle, by this thread (mark_costs.h); without `stolen`
  uint32_t cost_cycle = 0;  // the last cycle in which it marked

  // base/state.h. What was marked is part of Runtime's state, of all threads together; `cost` is reported only.
  template <class State>
  void add_state(State& to) const {
    batch.add_state(to, [](const MSpan& span) { return span.id; });
    to.add((uint64_t{p == nullptr ? ~0u : p->id} << 32) | non_preemptible);
    stack.add_state(to);
    to.add(stack_scan);
    to.add(write_barrier ? 1 : 0);
    // With the barrier off it is not read, and the next phase begins with 0. A credit that no run can use up is as good
    // as any other.
    constexpr int64_t kEnough = int64_t{1} << 40;
    to.add(write_barrier ? static_cast<uint64_t>(std::min(assist_bytes, kEnough)) : 0);
    barrier.add_state(to);
  }
};
static_assert(kLaboratory ||
              sizeof(ShadowStack) + sizeof(int64_t) + sizeof(MarkThread*) + sizeof(Shared<StackScan>) <= 64);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
