// Longer runs of other tests' programs. Label: stress. SWEEPSCOPE_TEST_SEED=N sets the first seed.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/shadow_heap.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

// gcgort.go: 8 threads that modify every shape of object under GOGC=1, while the number of Ps changes.
TEST(Stress, EightThreadsOfEveryShapeUnderGogcOne) {
  const uint64_t seed = testing::seed_or(41);
  SWEEPSCOPE_TRACE_SEED(seed);
  for (const std::string& policy : flush_policy_names()) {
    EngineOptions options = quiet_options(4);
    options.flush_policy = policy;
    options.cores = 3;
    options.concurrent_mark = true;
    options.gogc = 1;
    options.background_sweeper = true;
    options.max_heap_bytes = 1ull << 30;
    Engine::Created made = Engine::create(options);
    std::atomic<int> running{8};
    for (uint32_t t = 0; t < 8; ++t) {
      made.engine->start_mutator("shapes", [&, t](Mutator& m) {
        ShadowProgram program(m, seed * 100 + t);
        program.run(20000);
        program.check();
        --running;
      });
    }
    Random random(seed);
    while (running > 0) {
      made.engine->set_procs(1 + random.below(8));
      expect_sound(*made.engine);
    }
    made.engine->join_mutators();
  }
}

TEST(Stress, ManySeedsOfRandomProgramsWithTheVerifier) {
  const uint64_t first = testing::seed_or(1000);
  for (uint64_t seed = first; seed < first + 40 && !HasFailure(); ++seed) {
    SWEEPSCOPE_TRACE_SEED(seed);
    EngineOptions options = quiet_options(1 + static_cast<uint32_t>(seed) % 5);
    options.flush_policy = flush_policy_names()[seed % flush_policy_names().size()];
    options.cores = 2;
    options.gogc = 50;
    options.verify = true;
    options.concurrent_mark = seed % 2 != 0;
    options.background_sweeper = seed % 3 != 0;
    options.max_heap_bytes = 1ull << 30;
    Engine::Created made = Engine::create(options);
    for (uint32_t t = 0; t < 4; ++t) {
      made.engine->start_mutator("random", [seed, t](Mutator& m) {
        ShadowProgram program(m, seed * 100 + t);
        program.run(4000);
        program.check();
      });
    }
    made.engine->join_mutators();
  }
}

}  // namespace
}  // namespace sweepscope::engine
