// What allocations cost, by path: each that left the fast path is counted once, under what it did.
#include "engine/gc/alloc_paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "tests/engine/support/held_marking.h"
#include "tests/engine/support/shadow_heap.h"
#include "tests/engine/support/white_box.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

struct Block {  // 8 to a span
  static constexpr size_t kRefs = 1;
  Ref<Block> next;
  uint64_t rest[127];
};
constexpr uint32_t kSlots = 8;
constexpr size_t kLarge = 40'000;

uint64_t slow_count(const AllocPaths& allocs) {
  uint64_t sum = 0;
  for (const AllocLatency& latency : allocs.slow) sum += latency.count;
  return sum;
}
uint64_t count_of(Runtime& runtime, AllocPath path) {
  return runtime.collector().allocations().ever().of(path).count;
}

// The events know nothing of paths: T2 ends each refill, and a span without a size class is a large object's.
uint64_t slow_events(const testing::RecordObserver& observer) {
  uint64_t found = 0;
  for (const observe::Transition& t : observer.all<observe::Transition>(observe::EventKind::kTransition))
    found += t.header.code == static_cast<uint8_t>(observe::Arc::kT2Cache);
  for (const observe::SpanAllocated& span :
       observer.all<observe::SpanAllocated>(observe::EventKind::kSpanAllocated))
    found += span.header.code != observe::kManualSpanClass &&
             SpanClass::from_raw(span.header.code).size_class() == 0;
  return found;
}

TEST(AllocPaths, EachAllocationThatLeavesTheFastPathIsCountedOnce) {
  const uint64_t seed = testing::seed_or(101);
  SWEEPSCOPE_TRACE_SEED(seed);
  testing::RecordObserver observer;
  EngineOptions options = quiet_options();
  options.gogc = 50;
  options.observer = &observer;
  AllocPaths by_cycle{};
  options.on_cycle = [&](const CycleRecord& record) {
    by_cycle.fast += record.allocs.fast;
    for (size_t i = 0; i < kAllocPaths; ++i) {
      const AllocLatency& latency = record.allocs.slow[i];
      by_cycle.slow[i].count += latency.count;
      by_cycle.slow[i].total_ns += latency.total_ns;
      by_cycle.slow[i].max_ns = std::max(by_cycle.slow[i].max_ns, latency.max_ns);
      EXPECT_LE(latency.max_ns, latency.total_ns);
      EXPECT_EQ(latency.count == 0, latency.max_ns == 0);
    }
  };
  const Engine::Created made = Engine::create(options);
  ASSERT_NE(made.engine, nullptr) << made.error;
  made.engine->start_mutator("random", [&](Mutator& m) {
    ShadowProgram program(m, seed);
    program.run(20'000);
    program.drop_all();
    m.collect();
  });
  made.engine->join_mutators();
  made.engine->collect();
  const EngineStats stats = made.engine->read_mem_stats();  // empties the mcaches
  EXPECT_GT(stats.cycles, 4u);
  for (const AllocPath path :
       {AllocPath::kRefill, AllocPath::kSweep, AllocPath::kGrow, AllocPath::kLarge, AllocPath::kCollect})
    EXPECT_GT(stats.allocs.of(path).count, 0u) << "path " << static_cast<int>(path);
  EXPECT_EQ(stats.allocs.of(AllocPath::kAssist).count, 0u) << "marking stops the world";
  EXPECT_EQ(slow_count(stats.allocs), slow_events(observer));

  // The last cycle ended after the last allocation: the records have it all.
  for (size_t i = 0; i < kAllocPaths; ++i) {
    EXPECT_EQ(stats.allocs.slow[i].count, by_cycle.slow[i].count);
    EXPECT_EQ(stats.allocs.slow[i].total_ns, by_cycle.slow[i].total_ns);
    EXPECT_EQ(stats.allocs.slow[i].max_ns, by_cycle.slow[i].max_ns);
  }
  EXPECT_GE(stats.allocs.fast, by_cycle.fast);
}

// They are added up after the world has started, while threads count those of the next cycle.
TEST(AllocPaths, CycleHasThoseOfItsTime) {
  for (const bool concurrent : {false, true}) {
    EngineOptions options = quiet_options();
    options.concurrent_mark = concurrent;
    std::vector<uint64_t> large;
    options.on_cycle = [&](const CycleRecord& record) {
      large.push_back(record.allocs.of(AllocPath::kLarge).count);
    };
    const Engine::Created made = Engine::create(options);
    ASSERT_NE(made.engine, nullptr) << made.error;
    made.engine->start_mutator("main", [](Mutator& m) {
      for (int count : {3, 1, 0, 2}) {
        for (int i = 0; i < count; ++i) make_bytes(m, kLarge);
        m.collect();
      }
    });
    made.engine->join_mutators();
    EXPECT_EQ(large, (std::vector<uint64_t>{3, 1, 0, 2}));
    EXPECT_EQ(made.engine->stats().allocs.of(AllocPath::kLarge).count, 6u);
  }
}

TEST(AllocPaths, FastOnesAreAllOthers) {
  EngineOptions options = quiet_options();
  options.tiny_blocks = false;
  const Engine::Created made = Engine::create(options);
  ASSERT_NE(made.engine, nullptr) << made.error;
  made.engine->start_mutator("main", [](Mutator& m) {
    Local<Block> list(m);
    for (int i = 0; i < 1000; ++i) {
      Block* const block = make<Block>(m);
      block->next.set(m, list.get());
      list = block;
      make_bytes(m, 1 + static_cast<size_t>(i));
      if (i == 500) m.collect();
    }
    make_bytes(m, kLarge);
  });
  made.engine->join_mutators();
  const EngineStats stats = made.engine->read_mem_stats();
  EXPECT_EQ(stats.alloc_objects, 2001u);
  EXPECT_EQ(stats.allocs.fast + slow_count(stats.allocs), 2001u);
  EXPECT_EQ(stats.allocs.of(AllocPath::kLarge).count, 1u);
}

class Paths : public ::testing::Test {
 public:
  WhiteBox box;
  Mutator m{box.m(), box.runtime()};

  uint64_t count(AllocPath path) { return count_of(box.runtime(), path); }
  // As many as fill a span.
  void fill_a_span(Local<Block>& list) {
    for (uint32_t i = 0; i < kSlots; ++i) {
      Block* const block = make<Block>(m);
      block->next.set(m, list.get());
      list = block;
    }
  }
};

TEST_F(Paths, FirstSpanOfAClassIsMadeOfFreePages) {
  Local<Block> list(m);
  fill_a_span(list);
  EXPECT_EQ(count(AllocPath::kGrow), 1u);
  fill_a_span(list);
  EXPECT_EQ(count(AllocPath::kGrow), 2u);
  EXPECT_EQ(count(AllocPath::kRefill) + count(AllocPath::kSweep), 0u);
}

TEST_F(Paths, SpanWithRoomIsRefilledFromAndOneToBeSweptIsSwept) {
  Local<Block> list(m), keep(m);
  for (int span = 0; span < 4; ++span) {
    fill_a_span(list);
    if (span > 0) keep = list.get();
  }
  // Every other object dies.
  for (Block* at = list.get(); at != nullptr && at->next.get() != nullptr; at = at->next.get())
    at->next.set(m, at->next.get()->next.get());
  m.collect();  // with its sweep
  const uint64_t grown = count(AllocPath::kGrow);
  fill_a_span(keep);
  EXPECT_GE(count(AllocPath::kRefill), 1u);
  EXPECT_EQ(count(AllocPath::kSweep), 0u);
  EXPECT_EQ(count(AllocPath::kGrow), grown);

  // The same after a turn, when only the allocation sweeps.
  box.release();
  for (uint32_t id = 0; id < box.heap().span_ids(); ++id) {
    MSpan& span = box.heap().span(id);
    if (span.state.peek() != SpanState::kInUse) continue;
    const auto first = static_cast<uint32_t>(std::countr_zero(span.alloc_word_at(0)));
    WhiteBox::mark(span, span.freeindex.peek() > 0 ? 0 : first);
  }
  const uint64_t refills = count(AllocPath::kRefill);
  box.turn();
  prepare_for_sweep(box.m(), box.heap(), box.cache(), observe::FlushCause::kAcquireP);
  const SpanClass span_class(size_class_of(sizeof(Block)), false);
  Block* const fresh = make<Block>(m);
  EXPECT_NE(fresh, nullptr);
  EXPECT_NE(box.cache().alloc[span_class.raw()], &box.heap().empty_span);
  EXPECT_EQ(count(AllocPath::kSweep), 1u);
  EXPECT_EQ(count(AllocPath::kRefill), refills);
  EXPECT_EQ(count(AllocPath::kGrow), grown);
  box.sweep_all();
}

TEST(AllocPathsHeldOpen, AllocationThatPaysForMarkingIsAnAssist) {
  HeldMarking held(1);
  held.begin();
  held.engine->start_mutator("payer", [](Mutator& m) {
    Local<Block> list(m);
    for (uint32_t i = 0; i < 10 * kSlots; ++i) list = make<Block>(m);
  });
  held.engine->join_mutators();
  held.finish();
  const AllocPaths allocs = held.engine->stats().allocs;
  EXPECT_GE(allocs.of(AllocPath::kAssist).count, 1u);
  EXPECT_GE(allocs.of(AllocPath::kGrow).count, 1u) << "the first one owes nothing";
  EXPECT_EQ(slow_count(allocs), 10u);
}

}  // namespace
}  // namespace sweepscope::engine
