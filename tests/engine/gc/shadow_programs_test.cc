// Several random programs against their shadows on 1 to 64 Ps, while the world around them changes: resizes, pauses,
// GOGC, stops. Every operation of the facade, in random order.
//
// SWEEPSCOPE_TEST_SEED=N repeats the programs (the threads' schedule is the machine's); SWEEPSCOPE_TEST_OPERATIONS=N
// sets the operations of all configurations together (ctest -L long: 100 million).
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <mutex>
#include <ostream>

#include "tests/engine/support/shadow_heap.h"
#include "tests/support/operations.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

enum class Mark : uint8_t { kConcurrent, kStopped };
enum class Heap : uint8_t { kPlain, kVerified, kPoisoned, kBoth };
enum class Sweep : uint8_t { kBackground, kOnDemand, kStopped };

struct Configuration {
  const char* policy;
  uint32_t procs;
  Mark mark;
  Heap heap;
  Sweep sweep = Sweep::kBackground;
};

constexpr std::array kConfigurations{
    Configuration{"lazy", 1, Mark::kConcurrent, Heap::kBoth},
    Configuration{"lazy", 2, Mark::kStopped, Heap::kVerified},
    Configuration{"lazy", 8, Mark::kConcurrent, Heap::kPoisoned, Sweep::kOnDemand},
    Configuration{"lazy", 64, Mark::kConcurrent, Heap::kPlain},
    Configuration{"eager", 1, Mark::kStopped, Heap::kPoisoned, Sweep::kOnDemand},
    Configuration{"eager", 2, Mark::kConcurrent, Heap::kVerified},
    Configuration{"eager", 8, Mark::kConcurrent, Heap::kPlain, Sweep::kStopped},
    Configuration{"eager", 64, Mark::kStopped, Heap::kBoth},
    Configuration{"idle-first", 1, Mark::kConcurrent, Heap::kVerified},
    Configuration{"idle-first", 2, Mark::kConcurrent, Heap::kPoisoned},
    Configuration{"idle-first", 8, Mark::kStopped, Heap::kPlain},
    Configuration{"idle-first", 64, Mark::kConcurrent, Heap::kBoth},
    Configuration{"ragged", 1, Mark::kStopped, Heap::kBoth},
    Configuration{"ragged", 2, Mark::kConcurrent, Heap::kPlain, Sweep::kOnDemand},
    Configuration{"ragged", 8, Mark::kConcurrent, Heap::kBoth},
    Configuration{"ragged", 64, Mark::kConcurrent, Heap::kPoisoned},
};

EngineOptions options_of(const Configuration& configuration) {
  EngineOptions options;
  options.flush_policy = configuration.policy;
  options.procs = configuration.procs;
  options.cores = std::min(configuration.procs, 4u);
  options.gogc = 50;
  options.concurrent_mark = configuration.mark == Mark::kConcurrent;
  options.verify = configuration.heap == Heap::kVerified || configuration.heap == Heap::kBoth;
  options.poison = configuration.heap == Heap::kPoisoned || configuration.heap == Heap::kBoth;
  options.background_sweeper = configuration.sweep == Sweep::kBackground;
  options.stw_sweep = configuration.sweep == Sweep::kStopped;
  options.max_heap_bytes = 1ull << 30;
  options.arena_bytes = 4ull << 20;
  options.huge_pages = false;
  return options;
}

void PrintTo(const Configuration& configuration, std::ostream* out) {
  *out << configuration.policy << " on " << configuration.procs << " Ps";
}

struct ShadowPrograms : ::testing::TestWithParam<Configuration> {};

// What a user of the facade may do from outside, at any time.
class Outside {
 public:
  Outside(Engine& engine, uint32_t procs, uint64_t seed) : engine_(engine), procs_(procs), random_(seed) {}

  void act() {
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        ASSERT_TRUE(engine_.set_procs(1 + random_.below(procs_)));
        ++resizes_;
        break;
      case 3: engine_.collect(); break;
      case 4: expect_sound(engine_); break;
      case 5: compare_counts(); break;
      case 6: engine_.control_stop(); break;
      case 7:  // cycles end although the programs wait
        engine_.pause_mutators(true);
        engine_.collect();
        engine_.pause_mutators(false);
        break;
    }
  }
  uint64_t resizes() const { return resizes_; }

 private:
  void compare_counts() {
    const EngineStats stats = random_.below(2) == 0 ? engine_.stats() : engine_.read_mem_stats();
    EXPECT_GE(stats.alloc_objects, stats.freed_objects);
    EXPECT_GE(stats.alloc_bytes, stats.freed_bytes);
    EXPECT_LE(stats.heap_in_use_bytes, stats.heap_reserved_bytes);
    EXPECT_LE(stats.alloc_bytes - stats.freed_bytes, stats.heap_in_use_bytes);
  }

  Engine& engine_;
  const uint32_t procs_;
  Random random_;
  uint64_t resizes_ = 0;
};

// Until every finalizer that was set has been taken: a chain gives one object a cycle. The shared graph ends first,
// because a tiny object lives as long as its neighbours.
void take_what_is_left(ShadowWorld& world, uint64_t seed) {
  world.engine.start_mutator("ends the shared graph", [&](Mutator& m) {
    world.shared.with(m, [&](ShadowGraph& graph) {
      for (uint32_t root = 0; root < graph.roots(); ++root) graph.set_root(m, root, ShadowGraph::kNothing);
      EXPECT_EQ(graph.walk(), 0u);
    });
  });
  world.engine.join_mutators();
  for (int cycle = 0; cycle < 200 && world.finalizers.outstanding() > 0; ++cycle) {
    world.engine.collect();
    world.engine.start_mutator("last", [&](Mutator& m) {
      ShadowProgram program(m, seed + static_cast<uint64_t>(cycle), ShadowMix::plain(), &world, 1000);
      program.take_all();
    });
    world.engine.join_mutators();
  }
  for (const RememberedObject& lost : world.finalizers.set_ones())
    ADD_FAILURE() << "the finalizer of a dead object was not returned: " << describe(lost);
}

TEST_P(ShadowPrograms, ContentsAndReferencesSurviveEverything) {
  const uint64_t seed = testing::seed_or(71);
  SWEEPSCOPE_TRACE_SEED(seed);
  const uint64_t operations = testing::operations_or(16'000'000) / kConfigurations.size();
  // Now: a fatal check ends the process before the trace is printed.
  std::printf("SWEEPSCOPE_TEST_SEED=%llu, %llu operations\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(operations));
  std::fflush(stdout);
  const Configuration& configuration = GetParam();
  Engine::Created made = Engine::create(options_of(configuration));
  ASSERT_TRUE(made.engine) << made.error;

  constexpr uint32_t kPrograms = 4;
  std::array<uint64_t, kOperations> count{};
  std::mutex mutex;
  uint64_t resizes = 0, taken = 0;
  {
    ShadowWorld world(*made.engine, kPrograms, 4'000);
    for (uint32_t number = 1; number <= kPrograms; ++number) {
      made.engine->start_mutator("random", [&, number](Mutator& m) {
        {
          ShadowProgram program(m, seed * 100 + number, ShadowMix::everything(), &world, number);
          program.run(operations / kPrograms);
          program.check();
          program.drop_all();
          const std::lock_guard guard(mutex);
          for (size_t i = 0; i < kOperations; ++i) count[i] += program.count(static_cast<Operation>(i));
        }
        world.ended();
      });
    }
    Outside outside(*made.engine, configuration.procs, seed);
    while (world.next_milestone()) outside.act();
    made.engine->join_mutators();
    resizes = outside.resizes();
    if (!HasFailure()) take_what_is_left(world, seed);
    taken = world.finalizers.taken();
  }
  if (HasFailure()) return;
  expect_sound(*made.engine);
  made.engine->collect();
  made.engine->collect();
  const EngineStats stats = made.engine->stats();
  EXPECT_EQ(stats.alloc_objects, stats.freed_objects) << "nothing is reachable";
  EXPECT_EQ(stats.heap_live, 0u);

  // The test would prove little without these.
  EXPECT_GT(stats.cycles, operations / 20'000);
  EXPECT_GT(resizes, operations / 100'000);
  EXPECT_GT(taken, operations / 1'000);
  for (size_t i = 0; i < kOperations && operations > 100'000; ++i)
    EXPECT_GT(count[i], 0u) << "operation " << i;
}

INSTANTIATE_TEST_SUITE_P(Policies, ShadowPrograms, ::testing::ValuesIn(kConfigurations),
                         [](const auto& test) {
                           return test_name_of(test.param.policy) + "On" + std::to_string(test.param.procs);
                         });

}  // namespace
}  // namespace sweepscope::engine
