// An engine whose concurrent marking is held open: it has no mark workers, and threads that allocate have credit
// without end, so nothing is marked until finish(), on the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "engine/engine.h"
#include "engine/gc/runtime.h"
#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {

class HeldMarking {
 public:
  explicit HeldMarking(uint32_t mutators) {
    EngineOptions options = quiet_options(mutators + 2);  // a P for each, and for begin() and finish()
    options.cores = mutators + 2;
    options.concurrent_mark = true;
    options.mark_workers = false;
    options.poison = true;  // what is freed by mistake shows
    engine = std::move(Engine::create(options).engine);
  }
  ~HeldMarking() {
    if (cycle_ != 0) finish();
  }

  // A cycle begins to mark, and stays there.
  void begin() {
    const uint32_t before = collector().cycles();
    engine->runtime().on_p([this](Mutator& m) { cycle_ = collector().start(m.m()); });
    EXPECT_TRUE(open());
    pacing().credit().give(uint64_t{1} << 40);
    EXPECT_EQ(collector().cycles(), before);
  }
  // By any thread.
  bool open() { return marking().has_work() && collector().phase() == observe::Phase::kMark; }
  // Marks all, and returns after the sweep.
  void finish() {
    engine->runtime().on_p([this](Mutator& m) { collector().finish(m.m(), std::exchange(cycle_, 0)); });
  }
  MarkPhase& marking() { return engine->runtime().marking(); }
  Collector& collector() { return engine->runtime().collector(); }
  Pacing& pacing() { return engine->runtime().pacing(); }

  std::unique_ptr<Engine> engine;

 private:
  uint32_t cycle_ = 0;  // that is held open; 0: none
};

}  // namespace sweepscope::engine
