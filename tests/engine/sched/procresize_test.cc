// procresize: more and fewer Ps while mutators run, including the destruction of the coordinator's own P.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/base/random.h"
#include "tests/engine/support/sched_bench.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

using observe::PStatus;

TEST(Procresize, CreatedPsAreIdleAndFlushedAndDestroyedOnesDead) {
  SchedBench bench(1);
  ASSERT_TRUE(bench.engine->set_procs(4));
  EXPECT_EQ(bench.sched().procs(), 4u);
  for (uint32_t id = 0; id < 4; ++id) {
    EXPECT_EQ(bench.status(id), PStatus::kIdle);
    EXPECT_EQ(bench.sched().p(id).mcache.flush_gen.peek(), bench.runtime().heap().gen());
  }
  ASSERT_TRUE(bench.engine->set_procs(2));
  EXPECT_EQ(bench.status(2), PStatus::kDead);
  EXPECT_EQ(bench.status(3), PStatus::kDead);
  EXPECT_EQ(bench.engine->stats().procs, 2u);
}

TEST(Procresize, RefusesNumbersOutOfRange) {
  SchedBench bench(1);
  EXPECT_FALSE(bench.engine->set_procs(0));
  EXPECT_FALSE(bench.engine->set_procs(kMaxProcs + 1));
  EXPECT_EQ(bench.sched().procs(), 1u);
}

TEST(Procresize, PCreatedAfterCyclesIsFlushedAtTheCurrentGeneration) {
  SchedBench bench(1);
  for (int i = 0; i < 3; ++i) bench.engine->collect();
  ASSERT_TRUE(bench.engine->set_procs(3));
  bench.engine->collect();  // fatal "p mcache not flushed" or "bad flushGen" otherwise
  ASSERT_TRUE(bench.engine->set_procs(1));
  bench.engine->collect();
  ASSERT_TRUE(bench.engine->set_procs(3));  // reuses the same structs
  bench.engine->collect();
  expect_sound(*bench.engine);
}

TEST(Procresize, CoordinatorOfADestroyedPMovesToAnother) {
  SchedBench bench(4);
  M& m = bench.thread();
  bench.sched().acquire_p(m, 3);
  bench.runtime().collector().stopped(m, observe::StwReason::kProcresize, 2, {});
  EXPECT_EQ(m.p->id, 0);
  EXPECT_EQ(m.mcache, &m.p->mcache);
  EXPECT_EQ(bench.status(0), PStatus::kRunning);
  EXPECT_EQ(bench.status(3), PStatus::kDead);
  bench.leave(m);
  expect_sound(*bench.engine);
}

TEST(Procresize, SpansOfADestroyedPAreReturnedAndItsFreesStayCounted) {
  SchedBench bench(2);
  bench.engine->start_mutator("fill", [](Mutator& m) {
    m.move_to_p(1);
    for (int i = 0; i < 1000; ++i) make_bytes(m, 64 + static_cast<size_t>(i) % 512);
    m.collect();
    m.move_to_p(1);
    for (int i = 0; i < 100; ++i) make_bytes(m, 64);
  });
  bench.engine->join_mutators();
  const EngineStats before = bench.engine->stats();
  ASSERT_GT(before.cached_spans, 0u);
  ASSERT_TRUE(bench.engine->set_procs(1));
  const EngineStats after = bench.engine->stats();
  EXPECT_EQ(after.alloc_objects, before.alloc_objects);
  EXPECT_EQ(after.freed_objects, before.freed_objects);
  EXPECT_EQ(after.alloc_bytes, before.alloc_bytes);
  EXPECT_EQ(after.freed_bytes, before.freed_bytes);
  EXPECT_EQ(after.flushes[static_cast<size_t>(observe::FlushCause::kDestroy)], 1u);
  expect_sound(*bench.engine);
}

// Covers every kind of count that a P keeps.
TEST(Procresize, LargeAndTinyFreesOfADestroyedPStayCounted) {
  EngineOptions options = quiet_options(2);
  WhiteBox box(options);
  Mutator mutator(box.m(), box.runtime());
  mutator.move_to_p(1);
  for (int i = 0; i < 3; ++i) make_bytes(mutator, 50000);
  for (int i = 0; i < 9; ++i) make_bytes(mutator, 4);
  for (int i = 0; i < 100; ++i) make_bytes(mutator, 700);
  mutator.collect();
  ASSERT_GT(box.cache().frees.large, 0u);
  ASSERT_GT(box.cache().frees.tiny, 0u);
  mutator.move_to_p(0);
  const auto stats = [&] {
    box.sched().release_p(box.m(), PStatus::kIdle);
    box.sched().permits.give(box.m());
    const EngineStats now = box.engine->stats();
    box.sched().acquire_p(box.m(), 0, true);
    return now;
  };
  const EngineStats before = stats();
  box.runtime().collector().stopped(box.m(), observe::StwReason::kProcresize, 1, {});
  const EngineStats after = stats();
  EXPECT_EQ(after.alloc_objects, before.alloc_objects);
  EXPECT_EQ(after.freed_objects, before.freed_objects);
  EXPECT_EQ(after.alloc_bytes, before.alloc_bytes);
  EXPECT_EQ(after.freed_bytes, before.freed_bytes);
}

// A refill that found no pages leaves the block without its span. The P that lives again must not carve from it.
TEST(Procresize, DestroyedPKeepsNoTinyBlockWithoutASpan) {
  WhiteBox box(quiet_options(2));
  MCache& cache = box.sched().p(1).mcache;
  cache.tiny = box.heap().memory().address_of(0);
  ASSERT_EQ(cache.cached, 0u);
  ASSERT_EQ(cache.flush_gen.peek(), box.h());
  box.runtime().collector().stopped(box.m(), observe::StwReason::kProcresize, 1, {});
  box.runtime().collector().stopped(box.m(), observe::StwReason::kProcresize, 2, {});
  EXPECT_EQ(cache.tiny, 0u);
}

TEST(Procresize, ThreadWaitingForADestroyedPTakesAnother) {
  SchedBench bench(3);
  M& holder = bench.thread();
  bench.sched().acquire_p(holder, 2);
  M& waiter = bench.thread();
  std::thread thread([&] {
    bench.sched().acquire_p(waiter, 2, true);
    EXPECT_LT(waiter.p->id, 2);
    bench.leave(waiter);
  });
  eventually([&] { return bench.sched().world.attention.peek() > 0; });
  bench.runtime().collector().stopped(holder, observe::StwReason::kProcresize, 2, {});
  thread.join();
  bench.leave(holder);
}

// The waiting thread reads the table of Ps while procresize extends it.
TEST(Procresize, GrowsWhileAThreadWaitsForAnExactP) {
  SchedBench bench(2);
  M& holder = bench.thread();
  bench.sched().acquire_p(holder, 1);
  M& waiter = bench.thread();
  std::thread thread([&] {
    bench.sched().acquire_p(waiter, 1, true);
    bench.leave(waiter);
  });
  eventually([&] { return bench.sched().world.attention.peek() > 0; });
  for (uint32_t procs = 3; procs < 600; procs += 37)
    bench.runtime().collector().stopped(holder, observe::StwReason::kProcresize, procs, {});
  bench.leave(holder);
  thread.join();
  expect_sound(*bench.engine);
}

// Go's TestStopTheWorldDeadlock: resizes and collections while mutators run, at times with fewer Ps than
// threads.
TEST(Procresize, ResizesWithBusyMutatorsDoNotDeadlock) {
  const uint64_t seed = testing::seed_or(6);
  SWEEPSCOPE_TRACE_SEED(seed);
  SchedBench bench(2, 2);
  bench.engine->set_gogc(100);
  bench.engine->collect();  // from now on, the trigger starts cycles
  std::atomic<bool> quit{false};
  std::atomic<uint64_t> objects{0};
  for (uint32_t t = 0; t < 4; ++t) {
    bench.engine->start_mutator("busy", [&, t](Mutator& m) {
      Random random(seed * 10 + t);
      while (!quit) {
        std::byte* bytes = make_bytes(m, 1 + random.below(2000));
        bytes[0] = std::byte{1};
        ++objects;
        if (random.below(50) == 0) m.blocking([] { std::this_thread::yield(); });
        m.poll();
      }
    });
  }
  Random random(seed);
  for (int i = 0; i < 150; ++i) {
    const uint64_t before = objects;
    eventually([&] { return objects > before; });  // a mutator allocates between any two changes
    ASSERT_TRUE(bench.engine->set_procs(1 + random.below(8)));
    if (i % 5 == 0) bench.engine->collect();
    if (i % 7 == 0) expect_sound(*bench.engine);
  }
  const uint64_t then = objects;
  eventually([&] { return objects > then; });
  quit = true;
  bench.engine->join_mutators();
  expect_sound(*bench.engine);
  EXPECT_GT(expect_status_chains(bench.observer.records()), 300u);
}

}  // namespace
}  // namespace sweepscope::engine
