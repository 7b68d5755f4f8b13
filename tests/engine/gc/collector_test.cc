// Cycles: when they start, which threads wait for them, and what they record.
#include "engine/gc/collector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "engine/base/clock.h"
#include "tests/engine/support/sched_bench.h"
#include "tests/support/record_observer.h"

namespace sweepscope::engine {
namespace {

EngineOptions small_options(uint32_t gogc, uint32_t procs = 2) {
  EngineOptions options = quiet_options(procs);
  options.gogc = gogc;
  options.cores = 2;
  options.background_sweeper = true;
  options.verify = true;
  return options;
}

TEST(Collector, StartsACycleWhenTheTriggerIsReached) {
  Engine::Created made = Engine::create(small_options(100));
  made.engine->start_mutator("garbage", [](Mutator& m) {
    for (int i = 0; i < 20000; ++i) make_bytes(m, 1024);  // 20 MiB; the first trigger is at 4 MiB
  });
  made.engine->join_mutators();
  const EngineStats stats = made.engine->stats();
  EXPECT_GE(stats.cycles, 3u);
  for (const CycleRecord& cycle : stats.per_cycle) EXPECT_FALSE(cycle.forced);
  EXPECT_LT(stats.heap_reserved_bytes, 10ull << 20);
}

TEST(Collector, LargeObjectsReachTheTriggerToo) {
  Engine::Created made = Engine::create(small_options(100));
  made.engine->start_mutator("garbage", [](Mutator& m) {
    for (int i = 0; i < 40; ++i) make_bytes(m, 1 << 20);
  });
  made.engine->join_mutators();
  EXPECT_GE(made.engine->stats().cycles, 5u);
}

TEST(Collector, StartsOnlyForcedCyclesWhenGogcIsOff) {
  Engine::Created made = Engine::create(small_options(kGcOff));
  made.engine->start_mutator("garbage", [](Mutator& m) {
    for (int i = 0; i < 20000; ++i) make_bytes(m, 1024);
  });
  made.engine->join_mutators();
  EXPECT_EQ(made.engine->stats().cycles, 0u);
  made.engine->collect();
  const EngineStats stats = made.engine->stats();
  EXPECT_EQ(stats.cycles, 1u);
  EXPECT_TRUE(stats.per_cycle.at(0).forced);
  EXPECT_EQ(stats.freed_objects, 20000u);
}

TEST(Collector, TriggerFollowsTheMarkedHeapAndGogc) {
  EngineOptions options = small_options(100, 1);
  options.max_heap_bytes = 1ull << 30;
  options.verify = false;
  Engine::Created made = Engine::create(options);
  Engine& engine = *made.engine;
  constexpr uint64_t kMiB = 1 << 20;
  engine.start_mutator("live", [&](Mutator& m) {
    Local<Ref<std::byte>> keep(m, make_refs<std::byte>(m, 100));
    for (size_t i = 0; i < 100; ++i) keep[i].set(m, make_bytes(m, kMiB));
    auto goal_after_a_cycle = [&] {
      m.collect();
      return engine.runtime().pacing().trigger();
    };
    EXPECT_NEAR(static_cast<double>(goal_after_a_cycle()), 200.0 * kMiB, 20.0 * kMiB);
    engine.set_gogc(50);
    EXPECT_NEAR(static_cast<double>(engine.runtime().pacing().trigger()), 150.0 * kMiB, 20.0 * kMiB)
        << "set_gogc changes the trigger at once";
    EXPECT_NEAR(static_cast<double>(goal_after_a_cycle()), 150.0 * kMiB, 20.0 * kMiB);
    engine.set_gogc(kGcOff);
    EXPECT_EQ(engine.runtime().pacing().trigger(), ~uint64_t{0});
    EXPECT_EQ(goal_after_a_cycle(), ~uint64_t{0});
    engine.set_gogc(~0u - 1);  // the largest percentage: no overflow
    EXPECT_GT(engine.runtime().pacing().trigger(), uint64_t{1} << 40);
  });
  engine.join_mutators();
}

// A trigger below heap_live starts a cycle at the next refill or large object; each change is reported.
TEST(Collector, LoweredGogcCollectsAHeapThatIsBeyondItsNewTrigger) {
  testing::RecordObserver observer;
  EngineOptions options = small_options(kGcOff, 1);
  options.observer = &observer;
  Engine::Created made = Engine::create(options);
  made.engine->start_mutator("garbage", [&](Mutator& m) {
    for (int i = 0; i < 30; ++i) make_bytes(m, 1 << 20);
    EXPECT_EQ(made.engine->runtime().collector().cycles(), 0u);
    made.engine->set_gogc(200);
    make_bytes(m, 1 << 20);
    EXPECT_EQ(made.engine->runtime().collector().cycles(), 1u);
  });
  made.engine->join_mutators();
  EXPECT_FALSE(made.engine->stats().per_cycle.at(0).forced);
  made.engine.reset();
  std::vector<uint64_t> triggers;
  for (const observe::Record& record : observer.records())
    if (record.header.kind == observe::EventKind::kPacer)
      triggers.push_back(observe::restore<observe::Pacer>(record).trigger);
  EXPECT_EQ(std::count(triggers.begin(), triggers.end(), 8u << 20), 2) << "the change, and the cycle's end";
}

// Go's GOGC=0: the goal is the marked heap, so each refill starts a cycle and still
// returns a span.
TEST(Collector, GogcZeroCollectsAtEveryRefillAndMakesProgress) {
  for (const bool concurrent : {false, true}) {
    EngineOptions options = small_options(0, 2);
    options.concurrent_mark = concurrent;
    options.verify = false;
    Engine::Created made = Engine::create(options);
    for (int t = 0; t < 2; ++t) {
      made.engine->start_mutator("garbage", [](Mutator& m) {
        for (int i = 0; i < 800; ++i) make_bytes(m, 1024);  // 8 to a span
      });
    }
    made.engine->join_mutators();
    // Under concurrent marking, refills during a cycle start none.
    EXPECT_GE(made.engine->stats().cycles, concurrent ? 10u : 100u);
    EXPECT_EQ(made.engine->stats().alloc_objects, 1600u);
  }
}

TEST(Collector, ReportsTheFirstTriggerAndGoalBeforeAnythingIsAllocated) {
  for (const uint32_t gogc : {100u, 2000u, kGcOff}) {
    testing::RecordObserver observer;
    EngineOptions options = small_options(gogc, 2);
    options.observer = &observer;
    Engine::Created made = Engine::create(options);
    const auto events = observer.all<observe::Pacer>(observe::EventKind::kPacer);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].header.subject, 0u);
    EXPECT_EQ(events[0].trigger, made.engine->runtime().pacing().trigger());
    EXPECT_EQ(events[0].goal, events[0].trigger);
    EXPECT_TRUE(observer.all<observe::SpanAllocated>(observe::EventKind::kSpanAllocated).empty());
  }
}

TEST(Collector, ForcedCollectionCompletesItsSweep) {
  for (const std::string& policy : flush_policy_names()) {
    EngineOptions options = small_options(kGcOff, 3);
    options.flush_policy = policy;
    Engine::Created made = Engine::create(options);
    made.engine->start_mutator("garbage", [&](Mutator& m) {
      for (int round = 0; round < 20; ++round) {
        for (uint32_t p = 0; p < 3; ++p) {
          m.move_to_p(p);
          for (size_t i = 0; i < 200; ++i) make_bytes(m, 16 + i * 8);
        }
        m.collect();
        // I13: nothing of the cycle is unswept, in queues or in mcaches.
        MHeap& heap = made.engine->runtime().heap();
        EXPECT_EQ(heap.sweep_done.peek(), 1u);
        EXPECT_EQ(heap.unswept().size(), 0u);
        if (heap.repairs.uncache_order == UncacheOrder::kSweepMayFree) {
          EXPECT_EQ(heap.spans_in_use(), 0u) << policy << " " << round;
        } else {
          EXPECT_GT(heap.spans_in_use(), 0u) << "D2 keeps what died in a flushed span";
        }
      }
    });
    made.engine->join_mutators();
  }
}

// The collecting thread sleeps until the last sweeper is done; that sweeper must wake it.
TEST(Collector, ForcedCollectionWakesWhenALateSweeperFinishes) {
  EngineOptions options = small_options(kGcOff, 1);
  options.background_sweeper = false;
  Engine::Created made = Engine::create(options);
  MHeap& heap = made.engine->runtime().heap();
  P& p = made.engine->runtime().sched().p(0);
  std::atomic<bool> done{false};
  {
    HeapThread sweeper;
    const Sweeping late(sweeper, heap);
    made.engine->start_mutator("collect", [&](Mutator& m) {
      m.collect();
      done = true;
    });
    eventually([&] { return p.status.peek(std::memory_order_acquire) == observe::PStatus::kBlocked; });
    // It spins for some microseconds, then falls asleep.
    for (int i = 0; i < 300; ++i) std::this_thread::yield();
    EXPECT_FALSE(done.load());
  }
  made.engine->join_mutators();
  EXPECT_TRUE(done.load());
}

TEST(Collector, CollectionsFromSeveralThreadsTakeTurns) {
  Engine::Created made = Engine::create(small_options(kGcOff, 2));
  for (int t = 0; t < 3; ++t) {
    made.engine->start_mutator("collect", [](Mutator& m) {
      for (int i = 0; i < 40; ++i) {
        make_bytes(m, 100);
        m.collect();
      }
    });
  }
  for (int i = 0; i < 20; ++i) made.engine->collect();
  made.engine->join_mutators();
  const EngineStats stats = made.engine->stats();
  EXPECT_EQ(stats.cycles, 3u * 40 + 20);
  for (size_t i = 0; i < stats.per_cycle.size(); ++i) EXPECT_EQ(stats.per_cycle[i].cycle, i + 1);
}

TEST(Collector, CollectsWhileMutatorsRun) {
  Engine::Created made = Engine::create(small_options(kGcOff, 2));
  std::atomic<bool> quit{false};
  for (int t = 0; t < 4; ++t) {
    made.engine->start_mutator("busy", [&](Mutator& m) {
      while (!quit) m.poll();
    });
  }
  for (int i = 0; i < 10; ++i) made.engine->collect();
  EXPECT_EQ(made.engine->stats().cycles, 10u);
  quit = true;
  made.engine->join_mutators();
}

// Marking in a stopped world: one stop is the cycle, and its parts fit into it.
TEST(Collector, StoppedMarkingIsPartOfTheOneStopOfItsCycle) {
  for (const std::string policy : {"eager", "lazy"}) {
    EngineOptions options = small_options(kGcOff);
    options.flush_policy = policy;
    Engine::Created made = Engine::create(options);
    made.engine->start_mutator("live", [](Mutator& m) {
      const Local<Ref<std::byte>> keep(m, make_refs<std::byte>(m, 1000));
      for (size_t i = 0; i < 1000; ++i) keep[i].set(m, make_bytes(m, 64));
      for (int i = 0; i < 5; ++i) {
        make_bytes(m, 64);  // its span is in the mcache
        m.collect();
      }
    });
    made.engine->join_mutators();
    const EngineStats stats = made.engine->stats();
    ASSERT_EQ(stats.per_cycle.size(), 5u);
    for (const CycleRecord& cycle : stats.per_cycle) {
      EXPECT_FALSE(cycle.sweep_termination);
      const Pause& pause = cycle.mark_termination;
      EXPECT_EQ(pause.reason, observe::StwReason::kMarkTermination);
      EXPECT_GT(pause.mark_ns, 0u);
      EXPECT_EQ(pause.mark_ns, cycle.mark_ns);
      EXPECT_EQ(pause.flush_ns > 0, policy == "eager") << policy;
      EXPECT_GE(cycle.sweep_term_ns, pause.ttsp_ns);
      EXPECT_LE(cycle.sweep_term_ns + pause.mark_ns + pause.pause_go_ns + pause.start_ns, pause.pause_ns);
      EXPECT_LE(pause.flush_ns, pause.pause_go_ns);
    }
  }
}

TEST(Collector, ConcurrentMarkingIsInNoStop) {
  EngineOptions options = small_options(kGcOff);
  options.concurrent_mark = true;
  Engine::Created made = Engine::create(options);
  for (int i = 0; i < 5; ++i) made.engine->collect();
  for (const CycleRecord& cycle : made.engine->stats().per_cycle) {
    ASSERT_TRUE(cycle.sweep_termination);
    EXPECT_GT(cycle.mark_ns, 0u);
    uint64_t last = cycle.start_ns;
    const auto expect_stop = [&](const Pause& pause) {
      EXPECT_EQ(pause.mark_ns, 0u);
      EXPECT_GE(pause.request_ns, last);
      EXPECT_LE(pause.ttsp_ns + pause.start_ns, pause.pause_ns);
      EXPECT_LE(pause.pause_go_ns + pause.start_ns, pause.pause_ns);
      EXPECT_GE(pause.pause_go_ns, pause.ttsp_ns) << "Go's clock begins at the request";
      last = pause.request_ns + pause.pause_ns;
    };
    expect_stop(*cycle.sweep_termination);
    for (const Pause& pause : cycle.resumed) expect_stop(pause);
    expect_stop(cycle.mark_termination);
    EXPECT_EQ(cycle.sweep_termination->reason, observe::StwReason::kSweepTermination);
    EXPECT_GE(cycle.sweep_term_ns, cycle.sweep_termination->pause_ns);
  }
}

// Go's heap0, heap1, heap2 and heapGoal.
TEST(Collector, RecordHasTheSizesAndTheGoalOfItsOwnCycle) {
  Engine::Created made = Engine::create(small_options(100, 1));
  made.engine->start_mutator("garbage", [](Mutator& m) {
    for (int i = 0; i < 20000; ++i) make_bytes(m, 1024);
  });
  made.engine->join_mutators();
  const EngineStats stats = made.engine->stats();
  ASSERT_GE(stats.per_cycle.size(), 3u);
  EXPECT_EQ(stats.per_cycle[0].goal_at_start, 4u << 20);
  for (size_t i = 0; i < stats.per_cycle.size(); ++i) {
    const CycleRecord& cycle = stats.per_cycle[i];
    EXPECT_EQ(cycle.heap_end, cycle.heap_before) << "nothing is allocated in a stopped world";
    EXPECT_LT(cycle.heap_marked, cycle.heap_before);
    if (i > 0) {
      EXPECT_EQ(cycle.goal_at_start, stats.per_cycle[i - 1].goal);
    }
  }
}

// heap_live at the end of marking includes objects allocated during marking.
TEST(Collector, HeapGrowsWhileItIsMarkedConcurrently) {
  EngineOptions options = small_options(kGcOff, 2);
  options.concurrent_mark = true;
  Engine::Created made = Engine::create(options);
  std::atomic<bool> quit{false};
  made.engine->start_mutator("allocates", [&](Mutator& m) {
    Collector& collector = made.engine->runtime().collector();
    uint32_t cycle = 0, left = 0;  // a bounded number in each mark phase: no pacer holds it back
    while (!quit) {
      if (cycle != collector.cycles() + 1) cycle = collector.cycles() + 1, left = 1000;
      if (left > 0 && collector.phase() == observe::Phase::kMark) {
        make_bytes(m, 1024);
        --left;
      }
      m.poll();
    }
  });
  bool grew = false;
  for (int i = 0; i < 1000 && !grew; ++i) {
    made.engine->collect();
    const CycleRecord cycle = made.engine->stats().per_cycle.back();
    EXPECT_GE(cycle.heap_end, cycle.heap_before);
    grew = cycle.heap_end > cycle.heap_before;
  }
  quit = true;
  made.engine->join_mutators();
  EXPECT_TRUE(grew);
}

TEST(Collector, KeepsTheLastCyclesOnlyAndHandsOverEach) {
  EngineOptions options = small_options(kGcOff);
  options.verify = false;
  uint32_t handed_over = 0;
  options.on_cycle = [&](const CycleRecord& cycle) { EXPECT_EQ(cycle.cycle, ++handed_over); };
  Engine::Created made = Engine::create(options);
  constexpr uint32_t kCycles = kKeptCycles + 20;
  for (uint32_t i = 0; i < kCycles; ++i) made.engine->collect();
  EXPECT_EQ(handed_over, kCycles);
  const EngineStats stats = made.engine->stats();
  EXPECT_EQ(stats.cycles, kCycles);
  ASSERT_EQ(stats.per_cycle.size(), kKeptCycles);
  EXPECT_EQ(stats.per_cycle.front().cycle, kCycles - kKeptCycles + 1);
  EXPECT_EQ(stats.per_cycle.back().cycle, kCycles);
}

TEST(Collector, RunsTheFunctionAfterAStopInARunningWorld) {
  Engine::Created made = Engine::create(small_options(kGcOff));
  Runtime& runtime = made.engine->runtime();
  runtime.on_p([&](Mutator& m) {
    bool ran = false;
    runtime.collector().stopped(
        m.m(), observe::StwReason::kStats, 0, [&] { EXPECT_TRUE(runtime.sched().world.stopped()); },
        [&] {
          EXPECT_FALSE(runtime.sched().world.stopped());
          ran = true;
        });
    EXPECT_TRUE(ran);
  });
}

TEST(Collector, TimesLieInsideTheMeasuredWindow) {
  Engine::Created made = Engine::create(small_options(kGcOff));
  const uint64_t begin = now_ns();
  for (int i = 0; i < 5; ++i) made.engine->collect();
  const uint64_t end = now_ns();
  uint64_t last = begin;
  for (const CycleRecord& cycle : made.engine->stats().per_cycle) {
    EXPECT_GE(cycle.start_ns, last);
    EXPECT_GE(cycle.end_ns, cycle.start_ns);
    EXPECT_LE(cycle.end_ns, end);
    const Pause& pause = cycle.mark_termination;
    EXPECT_GE(pause.request_ns, cycle.start_ns);
    EXPECT_LE(pause.request_ns + pause.pause_ns, cycle.end_ns);
    EXPECT_EQ(pause.cycle, cycle.cycle);
    last = cycle.end_ns;
  }
}

// Collections walk the list of threads while control_stop() and start_mutator() add to it.
TEST(Collector, ThreadsMayStartWhileItWalksTheThreads) {
  Engine::Created made = Engine::create(small_options(kGcOff, 3));
  std::atomic<bool> quit{false};
  made.engine->start_mutator("collect", [&](Mutator& m) {
    while (!quit) m.collect();
  });
  for (int i = 0; i < 300; ++i) {
    made.engine->control_stop();
    made.engine->start_mutator("short", [](Mutator& m) { Local<std::byte> local(m, make_bytes(m, 8)); });
  }
  quit = true;
  made.engine->join_mutators();
}

TEST(Collector, ControlStopIsAStopAndNoCycle) {
  Engine::Created made = Engine::create(small_options(kGcOff));
  const Pause pause = made.engine->control_stop();
  EXPECT_EQ(pause.reason, observe::StwReason::kControl);
  EXPECT_GE(pause.pause_ns, pause.ttsp_ns);
  EXPECT_EQ(pause.spans_flushed, 0u);
  EXPECT_EQ(made.engine->stats().cycles, 0u);
}

}  // namespace
}  // namespace sweepscope::engine
