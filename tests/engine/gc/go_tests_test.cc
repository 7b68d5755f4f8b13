// Properties that the Go project tests its collector for, restated for this engine.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>

#include "tests/engine/support/sched_bench.h"

namespace sweepscope::engine {
namespace {

struct GoTests : ::testing::TestWithParam<std::string> {
  EngineOptions options(uint32_t gogc, uint32_t procs) {
    EngineOptions options = quiet_options(procs);
    options.flush_policy = GetParam();
    options.gogc = gogc;
    options.cores = 2;
    options.background_sweeper = true;
    return options;
  }
};

// TestGcSys: 100,000 garbage objects of 1,029 bytes on one P take less than 16 MiB from the system.
TEST_P(GoTests, GarbageDoesNotGrowTheHeap) {
  Engine::Created made = Engine::create(options(100, 1));
  made.engine->start_mutator("garbage", [](Mutator& m) {
    for (int i = 0; i < 100000; ++i) {
      make_bytes(m, 1029)[0] = std::byte{1};
      if (i % 100 == 0) m.poll();
    }
  });
  made.engine->join_mutators();
  EXPECT_LT(made.engine->stats().heap_reserved_bytes, 16ull << 20);
}

struct Cell {
  static constexpr size_t kRefs = 1;
  Ref<uint64_t> next;  // into the middle of the next cell
  uint64_t before, buffer[40], after;
};

// TestGcArraySlice: a reference to the inside of an object keeps the whole object.
TEST_P(GoTests, InteriorReferencesKeepTheirObjects) {
  Engine::Created made = Engine::create(options(kGcOff, 2));
  made.engine->start_mutator("list", [](Mutator& m) {
    constexpr uint64_t kCells = 200;
    Local<uint64_t> head(m);
    for (int round = 0; round < 10; ++round) {
      for (uint64_t i = 0; i < kCells; ++i) {
        Cell* cell = make<Cell>(m);
        cell->before = cell->after = i;
        for (uint64_t& word : cell->buffer) word = i;
        cell->next.set(m, head.get());
        head = &cell->buffer[i % 40];
        if (i % 20 == 0) m.poll();
      }
      m.collect();
    }
    uint64_t found = 0;
    for (uint64_t* inside = head.get(); inside != nullptr; ++found) {
      const uint64_t i = *inside;
      const Cell* cell =
          reinterpret_cast<Cell*>(reinterpret_cast<std::byte*>(inside - i % 40) - offsetof(Cell, buffer));
      ASSERT_EQ(i, (kCells - 1) - found % kCells);
      ASSERT_EQ(cell->before, i);
      ASSERT_EQ(cell->after, i);
      for (uint64_t word : cell->buffer) ASSERT_EQ(word, i);
      inside = cell->next.get();
    }
    EXPECT_EQ(found, 10 * kCells);
  });
  made.engine->join_mutators();
}

struct Linked {
  static constexpr size_t kRefs = 2;
  Ref<Linked> next;
  Ref<uint64_t> value;  // inside some other object
  uint64_t own[2];
};

// TestGcRescan: old objects that refer to newer ones, and to the inside of them, survive repeated
// collections.
TEST_P(GoTests, OldObjectsKeepNewOnesOverRepeatedCollections) {
  Engine::Created made = Engine::create(options(1, 2));
  made.engine->start_mutator("rescan", [](Mutator& m) {
    Local<Linked> first(m, make<Linked>(m));
    Local<Linked> last(m, first.get());
    for (uint64_t i = 1; i <= 20; ++i) {
      Local<Linked> node(m, make<Linked>(m));
      node->own[1] = i;
      last->next.set(m, node.get());
      last->value.set(m, &node->own[1]);
      last = node.get();
      for (int garbage = 0; garbage < 200; ++garbage) make<Linked>(m);
      m.collect();
    }
    uint64_t i = 0;
    for (Linked* node = first.get(); node->next.get() != nullptr; node = node->next.get())
      ASSERT_EQ(*node->value.get(), ++i);
    EXPECT_EQ(i, 20u);
  });
  made.engine->join_mutators();
}

// gc.go: collections at every depth of a recursion.
uint64_t recurse(Mutator& m, uint64_t depth) {
  Local<Linked> local(m, make<Linked>(m));
  local->own[0] = depth;
  if (depth % 10 == 0) m.collect();
  const uint64_t below = depth == 0 ? 0 : recurse(m, depth - 1);
  EXPECT_EQ(local->own[0], depth);
  return below + local->own[0];
}
TEST_P(GoTests, CollectsInARecursion) {
  Engine::Created made = Engine::create(options(kGcOff, 1));
  made.engine->start_mutator("recurse", [](Mutator& m) { EXPECT_EQ(recurse(m, 100), 5050u); });
  made.engine->join_mutators();
}

// gc1.go: a million small objects of garbage.
TEST_P(GoTests, AMillionSmallObjectsOfGarbage) {
  Engine::Created made = Engine::create(options(100, 1));
  made.engine->start_mutator("garbage", [](Mutator& m) {
    for (int i = 0; i < 1000000; ++i) make_bytes(m, 5);
  });
  made.engine->join_mutators();
  const EngineStats stats = made.engine->stats();
  EXPECT_EQ(stats.alloc_objects, 1000000u);
  EXPECT_GE(stats.cycles, 1u);
  EXPECT_LT(stats.heap_reserved_bytes, 16ull << 20);
}

// TestStopTheWorldDeadlock: stops and changes of procs while all threads are busy.
TEST_P(GoTests, StopsAndResizesDoNotDeadlock) {
  Engine::Created made = Engine::create(options(100, 3));
  std::atomic<bool> quit{false};
  for (int t = 0; t < 3; ++t) {
    made.engine->start_mutator("busy", [&](Mutator& m) {
      while (!quit) {
        make_bytes(m, 64);
        m.poll();
      }
    });
  }
  for (uint32_t i = 0; i < 60; ++i) {
    made.engine->set_procs(1 + i % 4);
    made.engine->stats();
    made.engine->control_stop();
  }
  quit = true;
  made.engine->join_mutators();
}

INSTANTIATE_TEST_SUITE_P(Policies, GoTests, ::testing::ValuesIn(flush_policy_names()),
                         [](const auto& test) { return test_name_of(test.param); });

}  // namespace
}  // namespace sweepscope::engine
