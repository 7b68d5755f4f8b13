// An engine whose scheduler the test drives with threads of its own. It records every event.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "engine/gc/runtime.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {

// Waits until another thread makes the condition hold. ctest limits the time.
template <class Condition>
void eventually(Condition holds) {
  while (!holds()) std::this_thread::yield();
}

class SchedBench {
 public:
  explicit SchedBench(uint32_t procs, uint32_t cores = 64, std::string policy = "lazy") {
    EngineOptions options = quiet_options(procs);
    options.flush_policy = std::move(policy);
    options.cores = cores;
    options.markers = 1;
    options.observer = &observer;
    engine = std::move(Engine::create(options).engine);
  }
  Runtime& runtime() { return engine->runtime(); }
  Sched& sched() { return runtime().sched(); }
  M& thread() { return runtime().threads().add(); }
  observe::PStatus status(uint32_t p) { return sched().p(p).status.peek(std::memory_order_acquire); }
  void leave(M& m) {
    sched().release_p(m, observe::PStatus::kIdle);
    sched().permits.give(m);
  }

  testing::RecordObserver observer;
  std::unique_ptr<Engine> engine;
};

// Expects that the status changes of each P form a chain in the order of the records. Returns the number of
// changes.
inline size_t expect_status_chains(const std::vector<observe::Record>& records) {
  std::vector<int> last(kMaxProcs, static_cast<int>(observe::PStatus::kDead));
  size_t links = 0;
  for (const observe::Record& record : records) {
    if (record.header.kind != observe::EventKind::kPStatus) continue;
    const auto change = observe::restore<observe::PStatusChange>(record);
    const uint16_t p = change.header.p;
    EXPECT_EQ(static_cast<int>(change.from), last[p]) << "P " << p << ", change " << links;
    last[p] = change.header.code;
    ++links;
    if (::testing::Test::HasFailure()) break;
  }
  return links;
}

}  // namespace sweepscope::engine
