// PeriodicGc: a thread that starts a cycle when none has begun for EngineOptions::periodic_gc_ns (Go: sysmon and
// forcegchelper). A program that stopped allocating would otherwise never free its garbage or queue its finalizers.
//
// It sleeps without a P until the time has come, and owns one for the start of the cycle. The collector decides; this
// class only looks at the clock (Collector::collect_if_overdue, which tests call with a clock of their own).
// Not in the laboratory, where no time passes.
#pragma once

#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/gc/collector.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class PeriodicGc {
 public:
  PeriodicGc(Sched& sched, Collector& collector, M& m);  // starts the thread
  ~PeriodicGc();                                         // ends and joins it; mutators have ended

 private:
  void run();

  Sched& sched_;
  Collector& collector_;
  M& m_;
  Shared<uint32_t> quit_;
  WaitPoint asleep_;
  Thread thread_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
