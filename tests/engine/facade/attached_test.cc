// Threads of the program's own become mutators for a while; blocking regions return values.
#include "engine/attached.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
  uint64_t value;
};

std::unique_ptr<Engine> make_engine(uint32_t procs) {
  Engine::Created made = Engine::create(quiet_options(procs));
  EXPECT_EQ(made.error, "");
  return std::move(made.engine);
}

TEST(Attached, UsesTheHeapAndGivesItsPBack) {
  const std::unique_ptr<Engine> engine = make_engine(1);
  for (int i = 0; i < 3; ++i) {
    Attached mutator(*engine);
    EXPECT_EQ(mutator.p(), 0u);
    Local<Node> node(mutator, make<Node>(mutator));
    node->value = 7;
    mutator.collect();
    EXPECT_EQ(node->value, 7u);
  }
  // With one P these would wait for ever if it still had an owner.
  engine->collect();
  engine->start_mutator("next", [](Mutator& m) { make<Node>(m); });
  engine->join_mutators();
  expect_sound(*engine);
}

TEST(Attached, ReusesTheEnginesThread) {
  const std::unique_ptr<Engine> engine = make_engine(1);
  uint32_t first = 0;
  for (int i = 0; i < 10; ++i) {
    Attached mutator(*engine);
    if (i == 0) first = mutator.m().id;
    EXPECT_EQ(mutator.m().id, first);
  }
}

TEST(Attached, ThreadsShareDataThroughGlobals) {
  constexpr uint32_t kThreads = 4;
  constexpr uint64_t kNodes = 2000;
  const std::unique_ptr<Engine> engine = make_engine(2);
  std::vector<std::unique_ptr<Global<Node>>> lists;
  for (uint32_t t = 0; t < kThreads; ++t) lists.push_back(std::make_unique<Global<Node>>(*engine));
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&engine, &list = *lists[t], t] {
      Attached mutator(*engine);
      for (uint64_t i = 0; i < kNodes; ++i) {
        Node* const node = make<Node>(mutator);
        node->value = t * kNodes + i;
        node->next.set(mutator, list.get());
        list.set(mutator, node);
        mutator.poll();
      }
      if (t == 0) mutator.collect();
    });
  for (std::thread& thread : threads) thread.join();
  Attached reader(*engine);
  reader.collect();
  for (uint32_t t = 0; t < kThreads; ++t) {
    uint64_t expected = (t + 1) * kNodes;
    for (const Node* node = lists[t]->get(); node != nullptr; node = node->next.get())
      ASSERT_EQ(node->value, --expected);
    EXPECT_EQ(expected, t * kNodes);
  }
}

TEST(Attached, AStopOfTheWorldWaitsForItsPollOrItsBlockingRegion) {
  const std::unique_ptr<Engine> engine = make_engine(2);
  std::latch attached(1), collected(1);
  std::thread worker([&] {
    Attached mutator(*engine);
    const Local<Node> node(mutator, make<Node>(mutator));
    mutator.blocking([&] {
      attached.count_down();
      collected.wait();
    });
    EXPECT_NE(node.get(), nullptr);
  });
  attached.wait();
  engine->collect();  // would wait for ever for a thread that neither polls nor blocks
  collected.count_down();
  worker.join();
}

TEST(Attached, InsideABlockingRegionOfAMutator) {
  const std::unique_ptr<Engine> engine = make_engine(1);
  Attached outer(*engine);
  const Local<Node> node(outer, make<Node>(outer));
  outer.blocking([&] {
    Attached inner(*engine);
    const Local<Node> another(inner, make<Node>(inner));
    inner.collect();
  });
  outer.poll();
  EXPECT_EQ(node->value, 0u);
}

TEST(BlockingRegion, ReturnsWhatItsFunctionReturns) {
  const std::unique_ptr<Engine> engine = make_engine(1);
  Attached mutator(*engine);
  const EngineStats stats = mutator.blocking([&] { return engine->stats(); });
  EXPECT_EQ(stats.procs, 1u);
  const std::unique_ptr<int> moved = mutator.blocking([] { return std::make_unique<int>(3); });
  EXPECT_EQ(*moved, 3);
  const int value = 5;
  EXPECT_EQ(mutator.blocking([&]() -> const int& { return value; }), 5);
}

}  // namespace
}  // namespace sweepscope::engine
