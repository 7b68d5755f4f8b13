// Misuse of the facade is fatal; the first value names it. Unchecked it would hang, corrupt the heap or read
// a null pointer.
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

#define EXPECT_MISUSE(statement, value) \
  EXPECT_EXIT(statement, ::testing::ExitedWithCode(1), "fatal: misuse of the API: [^\n]*\n  " value " = ")

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
  uint64_t value;
};
struct Block {
  static constexpr size_t kRefs = 0;
  std::byte bytes[64];
};

struct MisuseDeathTest : ::testing::Test {
  WhiteBox box;
  Mutator mutator{box.m(), box.runtime()};
};

TEST_F(MisuseDeathTest, MoreReferencesThanWords) {
  for (const size_t bytes : {size_t{0}, size_t{8}, size_t{24}, size_t{30}, size_t{100'000}}) {
    EXPECT_MISUSE(allocate(mutator, bytes, bytes / 8 + 1), "refs_beyond_the_object");
    EXPECT_NE(allocate(mutator, bytes, bytes / 8), nullptr);
  }
}

TEST_F(MisuseDeathTest, ReferencesWhoseSizeOverflows) {
  for (const size_t n : {SIZE_MAX / 8 + 1, SIZE_MAX / 8 + 3, SIZE_MAX})
    EXPECT_MISUSE(make_refs<Node>(mutator, n), "refs_beyond_the_address_space");
  EXPECT_EXIT(make_refs<Node>(mutator, SIZE_MAX / 8), ::testing::ExitedWithCode(1), "fatal: out of memory: ");
}

TEST_F(MisuseDeathTest, FinalizerInsideAnObject) {
  Local<std::byte> large(mutator, make_bytes(mutator, 100'000)), small(mutator, make_bytes(mutator, 64));
  Local<Node> node(mutator, make<Node>(mutator));
  for (std::byte* inside : {large.get() + 8, large.get() + 90'000, small.get() + 1, small.get() + 63}) {
    EXPECT_MISUSE(set_finalizer(mutator, inside, 1), "finalizer_inside_an_object");
    EXPECT_MISUSE(clear_finalizer(mutator, inside), "finalizer_inside_an_object");
  }
  EXPECT_MISUSE(set_finalizer(mutator, &node->value, 1), "finalizer_inside_an_object");
  EXPECT_TRUE(set_finalizer(mutator, large.get(), 1));
  EXPECT_TRUE(set_finalizer(mutator, small.get(), 2));
  EXPECT_TRUE(set_finalizer(mutator, node.get(), 3));
  // Several tiny objects share a block.
  std::byte* const first = make_bytes(mutator, 4);
  std::byte* const second = make_bytes(mutator, 4);
  ASSERT_EQ(second, first + 4);
  EXPECT_TRUE(set_finalizer(mutator, first, 4));
  EXPECT_TRUE(set_finalizer(mutator, second, 5));
}

// Inside blocking() a thread owns no P and must not use the heap.
TEST_F(MisuseDeathTest, TheHeapInsideABlockingRegion) {
  Local<Node> local(mutator, make<Node>(mutator));
  std::optional<Local<Node>> last;
  last.emplace(mutator);
  Global<Node> global(*box.engine);
  const std::pair<const char*, std::function<void()>> uses[] = {
      {"make", [&] { make<Node>(mutator); }},
      {"make_bytes", [&] { make_bytes(mutator, 4); }},
      {"a large object", [&] { make_bytes(mutator, 100'000); }},
      {"poll", [&] { mutator.poll(); }},
      {"collect", [&] { mutator.collect(); }},
      {"p", [&] { static_cast<void>(mutator.p()); }},
      {"move_to_p", [&] { mutator.move_to_p(0); }},
      {"blocking", [&] { mutator.blocking([] {}); }},
      {"Ref::set", [&] { local->next.set(mutator, nullptr); }},
      {"Global::set", [&] { global.set(mutator, local.get()); }},
      {"a new Local", [&] { const Local<Node> another(mutator); }},
      {"Local =", [&] { local = nullptr; }},
      {"the end of a Local", [&] { last.reset(); }},
      {"set_finalizer", [&] { set_finalizer(mutator, local.get(), 1); }},
      {"clear_finalizer", [&] { clear_finalizer(mutator, local.get()); }},
      {"take_finalized", [&] { take_finalized(mutator); }},
  };
  for (const auto& [name, use] : uses) {
    SCOPED_TRACE(name);
    EXPECT_MISUSE(mutator.blocking(use), "heap_used_inside_blocking_by_thread");
  }
  mutator.blocking([&] { EXPECT_EQ(local.get(), local.get()); });
  local = nullptr;  // allowed again after the region
  mutator.poll();
  last.reset();
}

// In each of these calls the mutator would wait for itself.
TEST(EngineMisuseDeathTest, EngineCallsByARunningMutator) {
  const std::pair<const char*, std::function<void(Engine&)>> calls[] = {
      {"collect", [](Engine& engine) { engine.collect(); }},
      {"stats", [](Engine& engine) { engine.stats(); }},
      {"read_mem_stats", [](Engine& engine) { engine.read_mem_stats(); }},
      {"verify", [](Engine& engine) { static_cast<void>(engine.verify()); }},
      {"set_procs", [](Engine& engine) { engine.set_procs(1); }},
      {"control_stop", [](Engine& engine) { engine.control_stop(); }},
  };
  auto run = [](const std::function<void(Mutator&, Engine&)>& body,
                EngineOptions options = quiet_options(2)) {
    Engine::Created made = Engine::create(options);
    made.engine->start_mutator("calls", [&](Mutator& m) { body(m, *made.engine); });
    made.engine->join_mutators();
  };
  for (const auto& [name, call] : calls) {
    SCOPED_TRACE(name);
    EXPECT_MISUSE(run([&call = call](Mutator&, Engine& engine) { call(engine); }),
                  "engine_called_by_running_mutator");
    run([&call = call](Mutator& m, Engine& engine) { m.blocking([&] { call(engine); }); });
  }
  EXPECT_MISUSE(run([](Mutator&, Engine& engine) { engine.join_mutators(); }), "mutators_joined_by_mutator");
  EXPECT_MISUSE(run([](Mutator& m, Engine& engine) { m.blocking([&] { engine.join_mutators(); }); }),
                "mutators_joined_by_mutator");
}

// The hook runs on a thread that owns a P, even if the caller of collect() is no mutator.
TEST(EngineMisuseDeathTest, EngineCallsByTheHookOfACycle) {
  Engine* engine = nullptr;
  EngineOptions options = quiet_options(2);
  options.on_cycle = [&](const CycleRecord&) { engine->stats(); };
  EXPECT_MISUSE(
      {
        Engine::Created made = Engine::create(options);
        engine = made.engine.get();
        engine->collect();
      },
      "engine_called_by_running_mutator");
}

TEST(EngineMisuseDeathTest, GlobalThatOutlivesItsEngine) {
  EXPECT_MISUSE(
      {
        Engine::Created made = Engine::create(quiet_options());
        const Global<Node> global(*made.engine);
        made.engine.reset();
      },
      "globals_outlive_their_engine");
}

// As in Go: the address one past the end is the next object's.
TEST(PastTheEndDeathTest, KeepsTheObjectThatLiesThere) {
  EngineOptions options = quiet_options();
  options.poison = true;
  WhiteBox box(options);
  Mutator mutator(box.m(), box.runtime());
  Block* const first = make<Block>(mutator);
  Block* const second = make<Block>(mutator);
  ASSERT_EQ(second, first + 1);
  second->bytes[63] = std::byte{7};
  const Local<Block> end(mutator, first + 1);
  mutator.collect();
  EXPECT_EQ(box.runtime().collector().records().back().marked_objects, 1u);
  EXPECT_EQ(first->bytes[0], std::byte{0xDB});
  EXPECT_EQ(second->bytes[63], std::byte{7});
  // A pointer to the last byte keeps the object alive.
  const Local<std::byte> inside(mutator, &second->bytes[63]);
  mutator.collect();
  EXPECT_EQ(box.runtime().collector().records().back().marked_objects, 1u);
}

TEST(PastTheEndDeathTest, IsABadPointerWhereThereIsNoObject) {
  WhiteBox box;
  Mutator mutator(box.m(), box.runtime());
  Block* const only = make<Block>(mutator);
  const Local<Block> end(mutator, only + 1);
  EXPECT_FATAL(mutator.collect(), "found bad pointer in Go heap");
  const Local<Block> both(mutator, only);
  EXPECT_FATAL(mutator.collect(), "(found bad pointer in Go heap|sweep increased allocation count)");
}

}  // namespace
}  // namespace sweepscope::engine
