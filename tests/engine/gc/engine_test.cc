// The facade: creation and its errors, handles, globals, references, and two engines side by side.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/engine/support/sched_bench.h"
#include "tests/support/record_observer.h"

namespace sweepscope::engine {
namespace {

struct Node {
  static constexpr size_t kRefs = 2;
  Ref<Node> left, right;
  uint64_t value;
};

TEST(Engine, RefusesOptionsThatDoNotFitInOneLine) {
  for (uint32_t procs : {0u, kMaxProcs + 1}) {
    EngineOptions options = quiet_options(procs);
    const Engine::Created made = Engine::create(options);
    EXPECT_EQ(made.engine, nullptr);
    EXPECT_NE(made.error.find("Ps"), std::string::npos);
    EXPECT_EQ(made.error.find('\n'), std::string::npos);
  }
  EngineOptions options = quiet_options();
  options.flush_policy = "sometimes";
  const Engine::Created made = Engine::create(options);
  EXPECT_EQ(made.engine, nullptr);
  EXPECT_NE(made.error.find("sometimes"), std::string::npos);
  for (const std::string& name : flush_policy_names()) EXPECT_NE(made.error.find(name), std::string::npos);
}

TEST(Engine, PoliciesHaveNamesAndSummariesAndLazyIsTheDefault) {
  const std::vector<std::string> names = flush_policy_names();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.front(), "lazy");
  EXPECT_EQ(names.front(), EngineOptions().flush_policy);
  for (const std::string& name : names) EXPECT_FALSE(flush_policy_summary(name).empty());
  EXPECT_TRUE(flush_policy_summary("sometimes").empty());
}

TEST(Engine, CanBeCreatedAndDestroyedManyTimes) {
  for (int i = 0; i < 100; ++i) {
    EngineOptions options = quiet_options(1 + static_cast<uint32_t>(i) % 5);
    options.background_sweeper = true;
    options.markers = 1;
    Engine::Created made = Engine::create(options);
    ASSERT_TRUE(made.engine);
    if (i % 2 == 0) made.engine->start_mutator("one", [](Mutator& m) { make<Node>(m); });
    if (i % 3 == 0) made.engine->collect();
  }
}

TEST(Engine, DestructionRequestsMutatorsToFinish) {
  std::atomic<bool> saw{false};
  {
    Engine::Created made = Engine::create(quiet_options());
    made.engine->start_mutator("long", [&](Mutator& m) {
      while (!m.stopping()) m.poll();
      saw = true;
    });
  }
  EXPECT_TRUE(saw);
}

TEST(Engine, TwoEnginesAreIndependent) {
  Engine::Created one = Engine::create(quiet_options()), two = Engine::create(quiet_options());
  ASSERT_TRUE(one.engine && two.engine);
  one.engine->start_mutator("a", [](Mutator& m) {
    for (int i = 0; i < 1000; ++i) make<Node>(m);
  });
  two.engine->start_mutator("b", [](Mutator& m) {
    for (int i = 0; i < 10; ++i) make<Node>(m);
  });
  one.engine->join_mutators();
  two.engine->join_mutators();
  EXPECT_EQ(one.engine->stats().alloc_objects, 1000u);
  EXPECT_EQ(two.engine->stats().alloc_objects, 10u);
  one.engine->collect();
  EXPECT_EQ(two.engine->stats().cycles, 0u);
}

TEST(Engine, LocalsAreRootsAsLongAsTheyLive) {
  Engine::Created made = Engine::create(quiet_options());
  Engine& engine = *made.engine;
  engine.start_mutator("locals", [&](Mutator& m) {
    auto live = [&] {
      m.collect();
      return engine.runtime().collector().records().back().marked_objects;
    };
    Local<Node> outer(m, make<Node>(m));
    outer->value = 42;
    {
      Local<Node> inner(m, make<Node>(m));
      Local<Node> same(m, inner.get());
      EXPECT_EQ(live(), 2u);
    }
    EXPECT_EQ(live(), 1u);
    EXPECT_EQ(outer->value, 42u);
    outer = nullptr;
    EXPECT_FALSE(outer);
    EXPECT_EQ(live(), 0u);
  });
  engine.join_mutators();
}

TEST(Engine, GlobalsAreRootsOfNoThread) {
  Engine::Created made = Engine::create(quiet_options());
  Engine& engine = *made.engine;
  {
    Global<Node> first(engine), second(engine), third(engine);
    engine.start_mutator("globals", [&](Mutator& m) {
      Local<Node> a(m, make<Node>(m));
      a->value = 7;
      first.set(m, a.get());
      third.set(m, make<Node>(m));
    });
    engine.join_mutators();
    engine.collect();
    EXPECT_EQ(engine.stats().per_cycle.back().marked_objects, 2u);
    EXPECT_EQ(first.get()->value, 7u);
    EXPECT_EQ(second.get(), nullptr);
  }
  engine.collect();
  EXPECT_EQ(engine.stats().per_cycle.back().marked_objects, 0u);
}

// Under ThreadSanitizer: neither thread has an M of its own.
TEST(Engine, GlobalsMayBeMadeByTwoThreadsAtOnce) {
  Engine::Created made = Engine::create(quiet_options());
  const auto make_globals = [&] {
    for (int i = 0; i < 2000; ++i) Global<Node> global(*made.engine);
  };
  std::thread other(make_globals);
  make_globals();
  other.join();
  expect_sound(*made.engine);
}

TEST(Engine, BlockingRegionAcrossCollectionsKeepsObjectsAndFlushes) {
  for (const std::string& policy : flush_policy_names()) {
    EngineOptions options = quiet_options(2);
    options.flush_policy = policy;
    options.verify = true;
    Engine::Created made = Engine::create(options);
    Engine& engine = *made.engine;
    engine.start_mutator("blocks", [&](Mutator& m) {
      Local<Node> kept(m, make<Node>(m));
      kept->value = 1;
      for (int cycles = 1; cycles <= 4; ++cycles) {
        m.blocking([&] {
          for (int i = 0; i < cycles; ++i) engine.collect();
        });
        EXPECT_EQ(m.m().mcache->flush_gen.peek(), m.sweepgen());
        EXPECT_EQ(kept->value, static_cast<uint64_t>(cycles));
        Node* next = make<Node>(m);
        next->value = static_cast<uint64_t>(cycles) + 1;
        next->left.set(m, kept.get());
        kept = next;
      }
    });
    engine.join_mutators();
    EXPECT_EQ(engine.stats().cycles, 10u);
    expect_sound(engine);
  }
}

// The memory of a swept object, read through a stale raw pointer.
std::vector<std::byte> seen_after_death(bool poison, size_t bytes) {
  EngineOptions options = quiet_options();
  options.poison = poison;
  Engine::Created made = Engine::create(options);
  std::vector<std::byte> seen;
  made.engine->start_mutator("stale", [&](Mutator& m) {
    Local<std::byte> neighbour(m, make_bytes(m, bytes));  // keeps the span of small objects in use
    std::byte* stale = make_bytes(m, bytes);
    std::fill_n(stale, bytes, std::byte{7});
    std::fill_n(neighbour.get(), bytes, std::byte{9});
    m.collect();
    seen.assign(stale, stale + bytes);
    EXPECT_EQ(std::count(neighbour.get(), neighbour.get() + bytes, std::byte{9}), ptrdiff_t(bytes));
    // The slots are zero when they are allocated again: enough objects for every slot of the span.
    for (int i = 0; i < 2000; ++i) {
      std::byte* fresh = make_bytes(m, bytes);
      EXPECT_EQ(std::count(fresh, fresh + bytes, std::byte{0}), ptrdiff_t(bytes));
      std::fill_n(fresh, bytes, std::byte{7});
      if (bytes > 1000 && i % 100 == 0) m.collect();
    }
    m.collect();
    for (int i = 0; i < 20; ++i) {
      const std::byte* fresh = make_bytes(m, bytes);
      EXPECT_EQ(std::count(fresh, fresh + bytes, std::byte{0}), ptrdiff_t(bytes));
    }
  });
  made.engine->join_mutators();
  return seen;
}

TEST(Engine, PoisonShowsThroughAStaleRawPointerAndNeverInAFreshObject) {
  for (const size_t bytes : {size_t{16}, size_t{512}, size_t{40'000}}) {
    EXPECT_EQ(seen_after_death(true, bytes), std::vector(bytes, std::byte{0xDB})) << bytes;
    EXPECT_NE(seen_after_death(false, bytes), std::vector(bytes, std::byte{0xDB})) << bytes;
  }
}

TEST(Engine, EachCycleIsReportedWhenItEnds) {
  EngineOptions options = quiet_options(3);
  std::vector<CycleRecord> reported;
  options.on_cycle = [&](const CycleRecord& cycle) { reported.push_back(cycle); };
  Engine::Created made = Engine::create(options);
  for (uint32_t n = 1; n <= 3; ++n) {
    made.engine->collect();
    ASSERT_EQ(reported.size(), n);
    EXPECT_EQ(reported.back().cycle, n);
    EXPECT_EQ(reported.back().procs, 3u);
    EXPECT_GE(reported.back().end_ns, reported.back().start_ns);
  }
}

TEST(Engine, PhasesAfterMarkingReportTheBytesMarkedInTheirCycle) {
  for (const bool concurrent : {false, true}) {
    testing::RecordObserver observer;
    EngineOptions options = quiet_options();
    options.observer = &observer;
    options.concurrent_mark = concurrent;
    Engine::Created made = Engine::create(options);
    made.engine->start_mutator("holds more and more", [](Mutator& m) {
      const Local<Node> one(m, make<Node>(m));
      m.collect();
      const Local<Node> two(m, make<Node>(m));
      m.collect();
    });
    made.engine->join_mutators();
    const std::vector<CycleRecord> cycles = made.engine->stats().per_cycle;
    made.engine.reset();

    ASSERT_EQ(cycles.size(), 2u);
    EXPECT_LT(cycles[0].heap_marked, cycles[1].heap_marked);
    std::vector<uint64_t> reported;
    for (const observe::Record& record : observer.records()) {
      if (record.header.kind != observe::EventKind::kPhase) continue;
      const auto phase = observe::restore<observe::PhaseChange>(record);
      if (phase.header.code == static_cast<uint8_t>(observe::Phase::kOff))
        reported.push_back(phase.heap_marked);
    }
    EXPECT_EQ(reported, (std::vector{cycles[0].heap_marked, cycles[1].heap_marked})) << concurrent;
  }
}

TEST(Engine, AnObjectMayHaveZeroBytes) {
  Engine::Created made = Engine::create(quiet_options());
  made.engine->start_mutator("zero", [](Mutator& m) {
    EXPECT_NE(allocate(m, 0, 0), nullptr);
    EXPECT_NE(allocate(m, 0, 0), allocate(m, 1, 0));
  });
  made.engine->join_mutators();
}

TEST(Engine, MutatorsMayBeStartedFromManyThreads) {
  Engine::Created made = Engine::create(quiet_options(2));
  std::atomic<int> ran{0};
  std::vector<std::thread> starters;
  for (int t = 0; t < 3; ++t) {
    starters.emplace_back([&] {
      for (int i = 0; i < 30; ++i) made.engine->start_mutator("child", [&](Mutator&) { ++ran; });
    });
  }
  for (std::thread& starter : starters) starter.join();
  made.engine->join_mutators();
  EXPECT_EQ(ran, 90);
}

}  // namespace
}  // namespace sweepscope::engine
