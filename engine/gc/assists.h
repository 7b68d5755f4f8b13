// Assists: a thread that allocates during concurrent marking pays for it by marking (Go: gcAssistAlloc).
//
// Each slow path charges what it takes from the heap, a whole span's free slots or a large object, to its thread; the
// next one pays, before it takes anything: by stealing credit of the background workers, then by marking, and
// when there is nothing to mark, by waiting without a P. A thread pays before the refill, because it may come back on
// another P. The price of a byte follows from what is left to mark and to allocate (pacer.h), so that marking ends
// before the goal however fast the program allocates. Debts end with the cycle.
#pragma once

#include "engine/gc/m.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Collector;
class MarkPhase;
class Pacing;
class Sched;

class Assists {
 public:
  Assists(Sched& sched, MarkPhase& marking, Pacing& pacing, Collector& collector)
      : sched_(sched), marking_(marking), pacing_(pacing), collector_(collector) {}

  // m owns a P, at a safepoint. During concurrent marking: gives way to threads that wait, and pays
  // what m owes.
  void pay(M& m) {
    if (m.write_barrier) [[unlikely]]
      pay_slowly(m);
  }
  // m took so many bytes from the heap.
  static void charge(M& m, uint64_t bytes) {
    if (m.write_barrier) [[unlikely]]
      m.assist_bytes -= static_cast<int64_t>(bytes);
  }

 private:
  void pay_slowly(M& m);
  bool steal(M& m, uint64_t& work);
  void park(M& m);

  Sched& sched_;
  MarkPhase& marking_;
  Pacing& pacing_;
  Collector& collector_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
