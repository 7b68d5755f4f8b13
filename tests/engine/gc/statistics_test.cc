// Statistics equal a slow recount that walks every span, at any moment, and satisfy the equations I9 and I10.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/shadow_heap.h"
#include "tests/support/seed.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
EngineStats recount(Runtime& runtime);  // gc/stats.cc
}

namespace sweepscope::engine {
namespace {

struct Slow {
  uint64_t objects = 0, bytes = 0, in_use = 0, cached = 0, promised_free = 0;
};

// World stopped.
Slow recount_slowly(Runtime& runtime) {
  Slow slow;
  MHeap& heap = runtime.heap();
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    const MSpan& span = heap.span(id);
    if (span.state.peek() != SpanState::kInUse) continue;
    slow.in_use += span.bytes();
    const auto state = decode(span.sweepgen.peek(), heap.gen());
    uint32_t allocated = 0;
    for (uint32_t slot = 0; slot < span.nelems; ++slot)
      allocated +=
          slot < span.freeindex.peek() || (span.alloc_word_at(slot / 64) >> (slot % 64) & 1) != 0 ? 1 : 0;
    slow.objects += allocated;
    slow.bytes += allocated * span.object_bytes();
    if (state == SweepState::kCached || state == SweepState::kStale) ++slow.cached;
    if (state == SweepState::kCached)
      slow.promised_free += (span.nelems - allocated) * uint64_t{span.elem_size};
  }
  return slow;
}

TEST(EngineStats, EqualASlowRecountAtAnyMoment) {
  const uint64_t seed = testing::seed_or(21);
  SWEEPSCOPE_TRACE_SEED(seed);
  for (const std::string& policy : flush_policy_names()) {
    EngineOptions options = quiet_options(3);
    options.flush_policy = policy;
    options.cores = 2;
    options.gogc = 100;
    options.background_sweeper = true;
    Engine::Created made = Engine::create(options);
    Engine& engine = *made.engine;
    std::atomic<int> running{3};
    for (uint32_t t = 0; t < 3; ++t) {
      engine.start_mutator("random", [&, t](Mutator& m) {
        ShadowProgram program(m, seed + t);
        program.run(2500);
        --running;
      });
    }
    int moments = 0;
    do {
      engine.runtime().on_p([&](Mutator& m) {
        engine.runtime().collector().stopped(m.m(), observe::StwReason::kStats, 0, [&] {
          const EngineStats stats = recount(engine.runtime());
          const Slow slow = recount_slowly(engine.runtime());
          ASSERT_EQ(stats.alloc_objects - stats.freed_objects, slow.objects);
          ASSERT_EQ(stats.alloc_bytes - stats.freed_bytes, slow.bytes);
          ASSERT_EQ(stats.heap_in_use_bytes, slow.in_use);
          ASSERT_EQ(stats.cached_spans, slow.cached);
          ASSERT_LE(stats.heap_in_use_bytes, stats.heap_reserved_bytes);
        });
      });
      ++moments;
    } while (running > 0 && !HasFailure());
    engine.join_mutators();
    EXPECT_GT(moments, 0);
  }
}

// I9: heap_live = marked + allocated since + the free bytes of spans that are cached fresh.
TEST(EngineStats, HeapLiveFollowsItsEquation) {
  for (const std::string& policy : flush_policy_names()) {
    EngineOptions options = quiet_options(2);
    options.flush_policy = policy;
    Engine::Created made = Engine::create(options);
    Engine& engine = *made.engine;
    uint64_t allocated_at_cycle = 0;
    auto check_equation = [&] {
      engine.runtime().on_p([&](Mutator& m) {
        engine.runtime().collector().stopped(m.m(), observe::StwReason::kStats, 0, [&] {
          const EngineStats stats = recount(engine.runtime());
          const auto& records = engine.runtime().collector().records();
          const uint64_t marked = records.empty() ? 0 : records.back().heap_marked;
          ASSERT_EQ(stats.heap_live, marked + (stats.alloc_bytes - allocated_at_cycle) +
                                         recount_slowly(engine.runtime()).promised_free)
              << policy;
        });
      });
    };
    Global<Ref<std::byte>> keep(engine);
    for (int cycle = 0; cycle < 4; ++cycle) {
      engine.start_mutator("live", [&](Mutator& m) {
        keep.set(m, make_refs<std::byte>(m, 300));
        for (size_t i = 0; i < 300; ++i) keep.get()[i].set(m, make_bytes(m, 8 + i * 37));
        for (size_t i = 0; i < 300; ++i) make_bytes(m, 8 + i * 211);
      });
      engine.join_mutators();
      check_equation();
      engine.collect();
      allocated_at_cycle = engine.stats().alloc_bytes;
      check_equation();
    }
  }
}

TEST(EngineStats, DoNotFlushMcaches) {
  Engine::Created made = Engine::create(quiet_options(2));
  made.engine->start_mutator("caches", [](Mutator& m) {
    make_bytes(m, 64);
    make_bytes(m, 640);
  });
  made.engine->join_mutators();
  for (int i = 0; i < 3; ++i) {
    const EngineStats stats = made.engine->stats();
    EXPECT_EQ(stats.cached_spans, 2u);
    EXPECT_EQ(stats.caching_ps, 1u);
    EXPECT_EQ(stats.min_cached_per_p, 2u);
    EXPECT_EQ(stats.max_cached_per_p, 2u);
    EXPECT_EQ(stats.flushes[static_cast<size_t>(observe::FlushCause::kStats)], 0u);
  }
}

uint32_t thread_count(Engine& engine) {
  uint32_t count = 0;
  engine.runtime().threads().for_each([&](const M&) { ++count; });
  return count;
}

TEST(EngineStats, PollingThemDoesNotGrowTheNumberOfThreads) {
  Engine::Created made = Engine::create(quiet_options(2));
  made.engine->stats();
  const uint32_t before = thread_count(*made.engine);
  for (int i = 0; i < 10'000; ++i) made.engine->stats();
  EXPECT_EQ(thread_count(*made.engine), before);
}

// The counts of a thread stay in the sums when the next thread reuses its M.
TEST(EngineStats, JoinedMutatorsLeaveTheirThreadsAndTheirCounts) {
  testing::RecordObserver observer;
  EngineOptions options = quiet_options(3);
  options.flush_policy = "eager";
  options.observer = &observer;
  Engine::Created made = Engine::create(options);
  uint32_t threads = 0;
  for (uint64_t round = 1; round <= 20; ++round) {
    for (int i = 0; i < 3; ++i) {
      made.engine->start_mutator("short", [](Mutator& m) {
        make_bytes(m, 64);
        m.collect();
      });
    }
    made.engine->join_mutators();
    if (round == 1) threads = thread_count(*made.engine);
    uint64_t flushed = 0;
    for (const uint64_t spans : made.engine->stats().flushed_spans) flushed += spans;
    EXPECT_EQ(flushed, round * 3);
    EXPECT_EQ(made.engine->stats().cycles, round * 3);
  }
  // Three mutators and the two borrowed one after the other by stats(): never more at once.
  EXPECT_LE(thread_count(*made.engine), threads + 1);
  // A stream continues across the threads that use it: no record is missing or repeated.
  std::vector<uint64_t> next(thread_count(*made.engine), 0);
  for (const testing::RecordObserver::Batch& batch : observer.batches()) {
    EXPECT_EQ(batch.first, next[batch.stream]) << "stream " << batch.stream;
    next[batch.stream] = batch.first + batch.records.size();
  }
}

TEST(EngineStats, SweptSpansOfACycleAreTheSpansInUseAtItsTurn) {
  EngineOptions options = quiet_options(2);
  testing::RecordObserver observer;
  options.observer = &observer;
  options.background_sweeper = true;
  Engine::Created made = Engine::create(options);
  made.engine->start_mutator("random", [](Mutator& m) {
    ShadowProgram program(m, 5);
    program.run(3000);
  });
  made.engine->join_mutators();
  made.engine->collect();
  const EngineStats stats = made.engine->stats();
  uint64_t swept = 0, in_use = 0;
  for (uint64_t n : stats.swept_spans) swept += n;
  made.engine.reset();
  for (const auto& turn : observer.all<observe::Turn>(observe::EventKind::kTurn)) in_use += turn.spans_in_use;
  EXPECT_EQ(swept, in_use);  // I3: each exactly once
}

}  // namespace
}  // namespace sweepscope::engine
