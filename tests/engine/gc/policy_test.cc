// The flush policies differ in which thread flushes which mcache, and when: tested by the flush counters.
#include "engine/gc/policies/policy.h"

#include <gtest/gtest.h>

#include <bit>
#include <thread>

#include "tests/engine/support/sched_bench.h"

namespace sweepscope::engine {
namespace {

using observe::FlushCause;

constexpr uint32_t kProcs = 4;

EngineOptions policy_options(std::string policy) {
  EngineOptions options = quiet_options(kProcs);
  options.flush_policy = std::move(policy);
  options.verify = true;
  return options;
}

uint64_t flushes(const EngineStats& stats, FlushCause cause) {
  return stats.flushes[static_cast<size_t>(cause)];
}
uint64_t spans(const EngineStats& stats, FlushCause cause) {
  return stats.flushed_spans[static_cast<size_t>(cause)];
}

// Caches spans of three classes in every P; ends on P 0.
void visit_all(Mutator& m) {
  for (uint32_t p = kProcs; p-- > 0;) {
    m.move_to_p(p);
    for (size_t bytes : {64u, 512u, 4096u}) make_bytes(m, bytes);
  }
}
constexpr uint32_t kCachedPerP = 3;

TEST(LazyPolicy, FlushesNothingInThePauseAndEveryPBeforeTheNextCycle) {
  Engine::Created made = Engine::create(policy_options("lazy"));
  Engine& engine = *made.engine;
  engine.start_mutator("visits", [&](Mutator& m) {
    visit_all(m);
    m.collect();
    for (uint32_t p = 0; p < kProcs; ++p) {
      const MCache& cache = engine.runtime().sched().p(p).mcache;
      EXPECT_EQ(cache.flush_gen.peek(std::memory_order_acquire), m.sweepgen());
      EXPECT_EQ(cache.cached, 0u);
    }
  });
  engine.join_mutators();
  const EngineStats stats = engine.stats();
  EXPECT_EQ(stats.per_cycle.at(0).mark_termination.spans_flushed, 0u);
  EXPECT_EQ(flushes(stats, FlushCause::kStw), 0u);
  // The coordinator's own P by procresize, the idle ones by the barrier; each exactly once.
  EXPECT_EQ(flushes(stats, FlushCause::kProcresize), 1u);
  EXPECT_EQ(spans(stats, FlushCause::kProcresize), kCachedPerP);
  EXPECT_EQ(flushes(stats, FlushCause::kForEachP), kProcs - 1);
  EXPECT_EQ(spans(stats, FlushCause::kForEachP), (kProcs - 1) * kCachedPerP);
  EXPECT_EQ(stats.per_cycle.at(0).flush_barrier.value().spans, (kProcs - 1) * kCachedPerP);
  EXPECT_EQ(stats.swept_spans[static_cast<size_t>(observe::Cause::kFlush)], kProcs * kCachedPerP);
}

TEST(EagerPolicy, FlushesEverythingInThePauseAndNothingAfter) {
  Engine::Created made = Engine::create(policy_options("eager"));
  Engine& engine = *made.engine;
  engine.start_mutator("visits", [&](Mutator& m) {
    visit_all(m);
    m.collect();
  });
  engine.join_mutators();
  const EngineStats stats = engine.stats();
  EXPECT_EQ(stats.per_cycle.at(0).mark_termination.spans_flushed, kProcs * kCachedPerP);
  EXPECT_EQ(flushes(stats, FlushCause::kStw), kProcs);
  EXPECT_EQ(spans(stats, FlushCause::kStw), kProcs * kCachedPerP);
  for (FlushCause cause : {FlushCause::kAcquireP, FlushCause::kProcresize, FlushCause::kForEachP})
    EXPECT_EQ(flushes(stats, cause), 0u) << static_cast<int>(cause);
  EXPECT_FALSE(stats.per_cycle.at(0).flush_barrier) << "the policy has no barrier";
  EXPECT_EQ(stats.swept_spans[static_cast<size_t>(observe::Cause::kFlush)], 0u);
}

TEST(EagerPolicy, NoSpanIsEverStale) {
  testing::RecordObserver observer;
  EngineOptions options = policy_options("eager");
  options.observer = &observer;
  Engine::Created made = Engine::create(options);
  made.engine->start_mutator("visits", [&](Mutator& m) {
    for (int i = 0; i < 5; ++i) {
      visit_all(m);
      m.collect();
    }
  });
  made.engine->join_mutators();
  made.engine.reset();
  size_t transitions = 0;
  for (const auto& t : observer.all<observe::Transition>(observe::EventKind::kTransition)) {
    EXPECT_NE(t.header.code, static_cast<uint8_t>(observe::Arc::kT7ClaimStale));
    ++transitions;
  }
  EXPECT_GT(transitions, 0u);
}

TEST(LazyPolicy, AcquireFlushesAPThatWakesBeforeTheBarrier) {
  // The barrier's token must keep the sweep incomplete while an mcache is stale.
  SchedBench bench(2);
  M& m = bench.thread();
  M& other = bench.thread();
  bench.sched().acquire_p(other, 1);
  {
    const NonPreemptible region(other);
    MSpan& span = *refill(other, bench.runtime().heap(), WhiteBox::kClass);
    span.next_free();
  }
  bench.leave(other);
  bench.sched().acquire_p(m, 0);
  FlushPolicy& policy = bench.runtime().policy();
  MHeap& heap = bench.runtime().heap();
  bench.sched().stop(m);
  policy.in_pause(m, nullptr);
  heap.turn(m, 1, 2);
  policy.before_start(m);
  EXPECT_EQ(heap.sweepers.peek(), 1u);
  bench.sched().start(m, 2);
  bench.sched().acquire_p(other, 1);  // between the start and the barrier
  EXPECT_EQ(other.flushed_spans[static_cast<size_t>(FlushCause::kAcquireP)], 1u);
  bench.leave(other);
  EXPECT_EQ(heap.sweepers.peek(), 1u);
  policy.after_start(m, 0);
  EXPECT_EQ(heap.sweepers.peek(), 0u);
  EXPECT_EQ(m.flushes[static_cast<size_t>(FlushCause::kForEachP)], 0u);  // no mcache was stale any more
  bench.leave(m);
}

// D2: the seed's order of uncache_span keeps a span without live objects, the repaired order frees it.
TEST(LazySeedPolicy, KeepsASpanWithoutLiveObjectsOnItsList) {
  for (const auto& [policy, kept] : {std::pair{"lazy", false}, {"lazy-seed", true}}) {
    EngineOptions options = quiet_options();
    options.flush_policy = policy;
    WhiteBox box(options);
    MSpan& span = box.cached(3);
    box.turn();
    prepare_for_sweep(box.m(), box.heap(), box.cache(), FlushCause::kAcquireP);
    EXPECT_EQ(span.state.peek() == SpanState::kInUse, kept) << policy;
    EXPECT_EQ(span.list == observe::ListMembership::kNonempty, kept) << policy;
    EXPECT_EQ(box.heap().spans_in_use(), kept ? 1u : 0u) << policy;
    box.sweep_all();
    box.turn();
    box.sweep_all();  // frees nothing in it, so it does not check whether it is empty
    EXPECT_EQ(box.heap().spans_in_use(), kept ? 1u : 0u) << policy;
  }
}

TEST(LazySeedPolicy, SpanSweptInAFlushIsListedWithItsRoomCountedAgain) {
  EngineOptions options = quiet_options();
  options.flush_policy = "lazy-seed";
  WhiteBox box(options);
  MSpan& span = box.cached(8);  // full: only the sweep makes room
  box.turn();
  WhiteBox::mark(span, 5);
  prepare_for_sweep(box.m(), box.heap(), box.cache(), FlushCause::kAcquireP);
  EXPECT_EQ(span.list, observe::ListMembership::kNonempty);
  EXPECT_EQ(span.alloc_count, 1u);
  box.sweep_all();
}

// D3: no word records that mcaches are still stale once the queue is empty.
TEST(LazySeedPolicy, DeclaresTheSweepCompleteWhileAnIdlePIsStale) {
  for (const auto& [policy, complete] : {std::pair{"lazy", false}, {"lazy-seed", true}}) {
    EngineOptions options = quiet_options(2);
    options.flush_policy = policy;
    WhiteBox box(options);
    box.cached(3);
    Sched& sched = box.sched();
    sched.release_p(box.m(), observe::PStatus::kIdle);
    sched.acquire_p(box.m(), 1);
    sched.stop(box.m());
    box.turn();
    box.runtime().policy().before_start(box.m());
    sched.start(box.m(), 2);
    box.sweep_all();
    EXPECT_EQ(box.heap().sweep_complete(), complete) << policy;
    EXPECT_NE(sched.p(0).mcache.flush_gen.peek(), box.h());
    box.runtime().policy().after_start(box.m(), 0);
    EXPECT_TRUE(box.heap().sweep_complete());
    EXPECT_EQ(sched.p(0).mcache.flush_gen.peek(), box.h());
  }
}

// --- idle-first

TEST(IdleFirstPolicy, FlushesIdlePsWithoutABarrierAndIsCompleteWhenAllAre) {
  for (const bool background : {false, true}) {
    EngineOptions options = policy_options("idle-first");
    options.background_sweeper = background;
    Engine::Created made = Engine::create(options);
    Engine& engine = *made.engine;
    engine.start_mutator("visits", [&](Mutator& m) {
      visit_all(m);
      m.collect();
      for (uint32_t p = 0; p < kProcs; ++p) {
        const MCache& cache = engine.runtime().sched().p(p).mcache;
        EXPECT_EQ(cache.flush_gen.peek(std::memory_order_acquire), m.sweepgen());
      }
      EXPECT_EQ(engine.runtime().heap().unflushed.peek(), 0u);
    });
    engine.join_mutators();
    const EngineStats stats = engine.stats();
    EXPECT_EQ(flushes(stats, FlushCause::kForEachP), 0u);
    EXPECT_EQ(flushes(stats, FlushCause::kStw), 0u);
    EXPECT_EQ(spans(stats, FlushCause::kProcresize), kCachedPerP);
    // The idle Ps are flushed by the background sweeper, or by the forced cycle that waits for them.
    EXPECT_EQ(spans(stats, FlushCause::kBackground), (kProcs - 1) * kCachedPerP);
    EXPECT_EQ(stats.per_cycle.at(0).mark_termination.gate_ns, 0u);
    EXPECT_FALSE(stats.per_cycle.at(0).flush_barrier) << "the policy has no barrier";
  }
}

// Two Ps; P 1 holds a span. Then the turn; the coordinator owns P 0.
class StaleP : public SchedBench {
 public:
  explicit StaleP(const std::string& policy) : SchedBench(2, 64, policy) {
    sched().acquire_p(other, 1);
    {
      const NonPreemptible region(other);
      refill(other, runtime().heap(), WhiteBox::kClass);
    }
    {
      Mutator mutator(other, runtime());
      object = static_cast<std::byte*>(allocate(mutator, 1024, 0));
    }
    leave(other);
    sched().acquire_p(m, 0);
    sched().stop(m);
    MSpan& span = this->span();
    WhiteBox::mark(span, 0);
    heap().heap_live.init(1024);
    heap().turn(m, 1, 2);
    runtime().policy().before_start(m);
  }
  MHeap& heap() { return runtime().heap(); }
  MSpan& span() { return *heap().find(reinterpret_cast<uintptr_t>(object)); }
  MCache& cache(uint32_t p) { return sched().p(p).mcache; }
  void sweep_all() {
    while (sweep_one(m, heap(), observe::Cause::kForced)) {
    }
  }

  M& m = thread();
  M& other = thread();
  std::byte* object = nullptr;
};

TEST(IdleFirstPolicy, SweepIsNotCompleteWhileAnIdlePIsStale) {
  StaleP bench("idle-first");
  bench.sched().start(bench.m, 2);
  EXPECT_EQ(bench.heap().unflushed.peek(), 1u) << "the coordinator's own P is flushed by procresize";
  bench.sweep_all();
  EXPECT_EQ(bench.heap().sweepers.peek(), 0u);
  EXPECT_FALSE(bench.heap().sweep_complete());
  EXPECT_TRUE(bench.runtime().policy().background_wanted());
  bench.sched().acquire_p(bench.other, 1);
  EXPECT_EQ(bench.other.flushed_spans[static_cast<size_t>(FlushCause::kAcquireP)], 1u);
  EXPECT_TRUE(bench.heap().sweep_complete());
  bench.leave(bench.other);
  bench.leave(bench.m);
}

TEST(IdleFirstPolicy, GcStartFlushesTheRemainingIdlePs) {
  StaleP bench("idle-first");
  bench.sched().start(bench.m, 2);
  bench.runtime().policy().help_at_gc_start(bench.m);
  EXPECT_EQ(bench.m.flushed_spans[static_cast<size_t>(FlushCause::kGcStart)], 1u);
  EXPECT_EQ(bench.heap().unflushed.peek(), 0u);
  EXPECT_EQ(bench.cache(1).flush_gen.peek(), bench.heap().gen());
  EXPECT_EQ(bench.status(1), observe::PStatus::kIdle) << "the flusher restores the status";
  bench.sweep_all();
  bench.leave(bench.m);
}

TEST(IdleFirstPolicy, DestroyedPsAreSubtractedFromTheCountWithAndWithoutSpans) {
  for (const bool with_span : {true, false}) {
    SchedBench bench(3, 64, "idle-first");
    M& m = bench.thread();
    bench.sched().acquire_p(m, 0);
    if (with_span) {
      bench.sched().release_p(m, observe::PStatus::kIdle);
      bench.sched().acquire_p(m, 1, true);
      Mutator mutator(m, bench.runtime());
      allocate(mutator, 1024, 0);
      bench.sched().release_p(m, observe::PStatus::kIdle);
      bench.sched().acquire_p(m, 0, true);
    }
    bench.sched().stop(m);
    MHeap& heap = bench.runtime().heap();
    heap.turn(m, 1, 3);
    bench.sched().start(m, 1);  // destroys two stale Ps
    EXPECT_EQ(heap.unflushed.peek(), 0u) << with_span;
    while (sweep_one(m, heap, observe::Cause::kForced)) {
    }
    EXPECT_TRUE(heap.sweep_complete());
    bench.leave(m);
  }
}

// --- ragged

TEST(RaggedPolicy, AcquiredPAllocatesBlackFromItsStaleSpanAndFlushesAtItsSlowPath) {
  StaleP bench("ragged");
  bench.sched().start(bench.m, 2);
  EXPECT_EQ(bench.cache(0).colour, Colour::kBlack) << "the coordinator's own P is not flushed either";
  bench.sched().acquire_p(bench.other, 1);
  EXPECT_EQ(bench.cache(1).colour, Colour::kBlack);
  MSpan& span = bench.span();
  const uint64_t live = bench.heap().heap_live.peek();
  Mutator mutator(bench.other, bench.runtime());
  void* const black = allocate(mutator, 1024, 0);
  ASSERT_EQ(bench.heap().find(reinterpret_cast<uintptr_t>(black)), &span);
  EXPECT_EQ(decode(span.sweepgen.peek(), bench.heap().gen()), SweepState::kStale);
  const uint32_t slot = span.slot_of(reinterpret_cast<uintptr_t>(black));
  EXPECT_NE(span.mark_word_at(0) >> slot & 1, 0u);
  EXPECT_EQ(bench.heap().heap_live.peek(), live + 1024);
  EXPECT_EQ(bench.other.stale_allocs, 1u);
  EXPECT_EQ(bench.cache(1).black_bytes, 1024u);

  allocate(mutator, 64, 0);  // no span of that class: refill, which flushes the whole mcache first
  EXPECT_EQ(bench.other.flushed_spans[static_cast<size_t>(FlushCause::kSlowPath)], 1u);
  EXPECT_EQ(bench.cache(1).colour, Colour::kWhite);
  EXPECT_EQ(bench.cache(1).black_bytes, 0u) << "the flush has reported them";
  EXPECT_EQ(span.alloc_count, 2u) << "the old object and the black one live";
  EXPECT_EQ(std::popcount(span.mark_word_at(0)), 0) << "no mark stays for the next cycle";
  allocate(mutator, 64, 0);
  EXPECT_EQ(bench.other.stale_allocs, 1u);

  bench.leave(bench.other);
  bench.runtime().policy().after_start(bench.m, 0);
  EXPECT_EQ(bench.m.flushes[static_cast<size_t>(FlushCause::kForEachP)], 1u)
      << "the coordinator's own mcache";
  for (M* thread : {&bench.m, &bench.other}) {
    EXPECT_EQ(thread->flushes[static_cast<size_t>(FlushCause::kAcquireP)], 0u);
    EXPECT_EQ(thread->flushes[static_cast<size_t>(FlushCause::kProcresize)], 0u);
  }
  bench.sweep_all();
  bench.leave(bench.m);
}

TEST(RaggedPolicy, LargeAllocationFlushesFirst) {
  StaleP bench("ragged");
  bench.sched().start(bench.m, 2);
  bench.sched().acquire_p(bench.other, 1);
  Mutator mutator(bench.other, bench.runtime());
  allocate(mutator, 100'000, 0);
  EXPECT_EQ(bench.other.flushed_spans[static_cast<size_t>(FlushCause::kSlowPath)], 1u);
  bench.leave(bench.other);
  bench.runtime().policy().after_start(bench.m, 0);
  bench.sweep_all();
  bench.leave(bench.m);
}

TEST(RaggedPolicy, RunningPFlushesWhenItPollsForTheBarrier) {
  StaleP bench("ragged");
  bench.sched().start(bench.m, 2);
  bench.sched().acquire_p(bench.other, 1);
  std::thread polls([&] {
    // The barrier has begun.
    eventually([&] { return bench.cache(0).flush_gen.peek() == bench.heap().gen(); });
    eventually([&] {
      bench.sched().poll(bench.other);
      return bench.cache(1).flush_gen.peek() == bench.heap().gen();
    });
  });
  bench.runtime().policy().after_start(bench.m, 0);
  polls.join();
  EXPECT_EQ(bench.other.flushed_spans[static_cast<size_t>(FlushCause::kForEachP)], 1u);
  EXPECT_EQ(bench.heap().sweepers.peek(), 0u);
  EXPECT_EQ(bench.cache(1).colour, Colour::kWhite);
  bench.sweep_all();
  bench.leave(bench.other);
  bench.leave(bench.m);
}

TEST(FlushPolicies, SecondCollectionFlushesPsThatWereNotUsedSince) {
  for (const std::string& name : flush_policy_names()) {
    Engine::Created made = Engine::create(policy_options(name));
    for (int i = 0; i < 10; ++i) made.engine->collect();  // fatal when an idle P falls behind by a cycle
    for (uint32_t p = 0; p < kProcs; ++p)
      EXPECT_EQ(made.engine->runtime().sched().p(p).mcache.flush_gen.peek(),
                made.engine->runtime().heap().gen());
    expect_sound(*made.engine);
  }
}

}  // namespace
}  // namespace sweepscope::engine
