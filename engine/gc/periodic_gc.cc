#include "engine/gc/periodic_gc.h"

#include <algorithm>

#include "engine/base/clock.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

PeriodicGc::PeriodicGc(Sched& sched, Collector& collector, M& m)
    : sched_(sched), collector_(collector), m_(m) {
  quit_.bind(Word::kThread, m.id);
  asleep_.bind(Word::kThread, m.id);
  thread_ = Thread("periodic gc", [this] { run(); });
}

PeriodicGc::~PeriodicGc() {
  quit_.put(1);
  asleep_.wake_all();
  thread_.join();
}

void PeriodicGc::run() {
  // Between two looks. At least: a cycle that is due may have to wait for another thread's stop. At most: GOGC may have
  // been off.
  constexpr uint64_t kLeastNs = 1'000'000, kMostNs = 1'000'000'000;
  // relaxed, here and below: for this thread itself, should a hook of the engine call the engine.
  m_.runs_on.store(this_thread_id(), std::memory_order_relaxed);
  while (quit_.peek() == 0) {
    const uint64_t due_in = collector_.due_in(now_ns());
    asleep_.wait_for("periodic gc: asleep", std::clamp(due_in, kLeastNs, kMostNs),
                     [this] { return quit_.peek() != 0; });
    if (quit_.peek() != 0 || collector_.due_in(now_ns()) > 0) continue;
    sched_.acquire_p(m_);
    collector_.collect_if_overdue(m_, now_ns());
    sched_.release_p(m_, observe::PStatus::kIdle);
    sched_.permits.give(m_);
  }
  m_.runs_on.store(0, std::memory_order_relaxed);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
