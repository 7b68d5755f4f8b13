// Misuse of arrays, of attached threads and of two engines is fatal; the first value names it.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

#define EXPECT_MISUSE(statement, value) \
  EXPECT_EXIT(statement, ::testing::ExitedWithCode(1), "fatal: misuse of the API: [^\n]*\n  " value " = ")

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
};

TEST(ArrayDeathTest, IndexBeyondTheEnd) {
  WhiteBox box;
  Mutator mutator(box.m(), box.runtime());
  for (const size_t n : {size_t{0}, size_t{1}, size_t{10}, size_t{50'000}}) {
    Local<Array<Ref<Node>>> refs(mutator, make_array<Ref<Node>>(mutator, n));
    Local<Array<char>> text(mutator, make_array<char>(mutator, n));
    for (const size_t beyond : {n, n + 1, SIZE_MAX}) {
      EXPECT_MISUSE(refs[beyond].set(mutator, nullptr), "index_beyond_the_array");
      EXPECT_MISUSE(refs->at(mutator, beyond).set(mutator, nullptr), "index_beyond_the_array");
      EXPECT_MISUSE(text[beyond] = 'x', "index_beyond_the_array");
    }
    if (n == 0) continue;
    refs[n - 1].set(mutator, nullptr);
    text[n - 1] = 'x';
  }
}

TEST(ArrayDeathTest, SizeThatOverflows) {
  WhiteBox box;
  Mutator mutator(box.m(), box.runtime());
  for (const size_t n : {SIZE_MAX / 8, SIZE_MAX / 8 - 1, SIZE_MAX})
    EXPECT_MISUSE(make_array<Ref<Node>>(mutator, n), "array_beyond_the_address_space");
  EXPECT_MISUSE(make_array<char>(mutator, SIZE_MAX - 15), "array_beyond_the_address_space");
  EXPECT_FATAL(make_array<char>(mutator, SIZE_MAX - 16), "out of memory");
  EXPECT_FATAL(make_array<Ref<Node>>(mutator, SIZE_MAX / 8 - 2), "out of memory");
}

std::unique_ptr<Engine> make_engine() { return std::move(Engine::create(quiet_options(2)).engine); }

TEST(AttachedDeathTest, RunningMutatorsDoNotAttach) {
  EXPECT_MISUSE(
      {
        const std::unique_ptr<Engine> engine = make_engine();
        const Attached outer(*engine);
        const Attached inner(*engine);
      },
      "engine_called_by_running_mutator");
  EXPECT_MISUSE(
      {
        const std::unique_ptr<Engine> engine = make_engine();
        engine->start_mutator("attaches", [&](Mutator&) { const Attached inner(*engine); });
        engine->join_mutators();
      },
      "engine_called_by_running_mutator");
}

TEST(AttachedDeathTest, RunningMutatorsDoNotCallTheEngine) {
  const auto attach_and = [](const std::function<void(Engine&)>& call) {
    const std::unique_ptr<Engine> engine = make_engine();
    const Attached mutator(*engine);
    call(*engine);
  };
  EXPECT_MISUSE(attach_and([](Engine& engine) { engine.collect(); }), "engine_called_by_running_mutator");
  EXPECT_MISUSE(attach_and([](Engine& engine) { engine.join_mutators(); }), "mutators_joined_by_mutator");
}

TEST(AttachedDeathTest, OutlivesItsEngine) {
  EXPECT_MISUSE(
      {
        std::unique_ptr<Engine> engine = make_engine();
        std::optional<Attached> mutator;
        std::thread([&] { mutator.emplace(*engine); }).join();
        engine.reset();
      },
      "attached_threads_outlive_their_engine");
}

TEST(AttachedDeathTest, DetachesOnAnotherThread) {
  EXPECT_MISUSE(
      {
        const std::unique_ptr<Engine> engine = make_engine();
        std::optional<Attached> mutator(std::in_place, *engine);
        std::thread([&] { mutator.reset(); }).join();
      },
      "detached_by_another_thread");
}

TEST(AttachedDeathTest, EndsInsideItsBlockingRegionOrBeforeItsHandles) {
  EXPECT_MISUSE(
      {
        const std::unique_ptr<Engine> engine = make_engine();
        std::optional<Attached> mutator(std::in_place, *engine);
        mutator->blocking([&] { mutator.reset(); });
      },
      "heap_used_inside_blocking_by_thread");
  EXPECT_MISUSE(
      {
        const std::unique_ptr<Engine> engine = make_engine();
        std::optional<Attached> mutator(std::in_place, *engine);
        const Local<Node> node(*mutator);
        mutator.reset();
      },
      "handles_outlive_their_thread");
}

TEST(TwoEnginesDeathTest, GlobalOfOneSetByAMutatorOfTheOther) {
  EXPECT_MISUSE(
      {
        const std::unique_ptr<Engine> one = make_engine();
        const std::unique_ptr<Engine> two = make_engine();
        const Attached mutator_of_one(*one);
        Attached mutator_of_two(*two);
        Global<Node> global(*one);
        global.set(mutator_of_two, make<Node>(mutator_of_two));
      },
      "global_of_another_engine_set_by_mutator");
}

}  // namespace
}  // namespace sweepscope::engine
