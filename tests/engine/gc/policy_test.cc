// What makes eager eager and lazy lazy, by the counters of who flushed what and when.
#include "engine/gc/policies/policy.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(stats.per_cycle.at(0).flush_barrier_spans, (kProcs - 1) * kCachedPerP);
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
  EXPECT_EQ(stats.per_cycle.at(0).flush_barrier_spans, 0u);
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
  // The barrier's token is all that tells "not complete": nobody may take sweeping for done while a mcache is
  // stale.
  SchedBench bench(2);
  M& m = bench.thread();
  M& other = bench.thread();
  bench.sched().acquire_p(other, 1);
  {
    const NonPreemptible region(other);
    MSpan& span = refill(other, bench.runtime().heap(), WhiteBox::kClass);
    span.next_free();
  }
  bench.leave(other);
  bench.sched().acquire_p(m, 0);
  FlushPolicy& policy = bench.runtime().policy();
  MHeap& heap = bench.runtime().heap();
  bench.sched().stop(m);
  policy.in_pause(m);
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
  EXPECT_EQ(m.flushes[static_cast<size_t>(FlushCause::kForEachP)], 0u);  // nothing was left for it
  bench.leave(m);
}

// D2: what the seed's order of uncache_span leaves behind, and the repaired one does not.
TEST(LazySeedPolicy, KeepsASpanInWhichEverythingDiedOnItsList) {
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
    box.sweep_all();  // a later sweep frees nothing in it, so it does not look whether it is empty
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

// D3: nothing tells that mcaches are still stale once the queue is empty.
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

TEST(FlushPolicies, SecondCollectionFlushesPsThatWereNotUsedSince) {
  for (const std::string& name : flush_policy_names()) {
    Engine::Created made = Engine::create(policy_options(name));
    for (int i = 0; i < 10; ++i) made.engine->collect();  // fatal when an idle P falls behind by a cycle
    for (uint32_t p = 0; p < kProcs; ++p)
      EXPECT_EQ(made.engine->runtime().sched().p(p).mcache.flush_gen.peek(),
                made.engine->runtime().heap().gen());
    EXPECT_TRUE(made.engine->verify());
  }
}

}  // namespace
}  // namespace sweepscope::engine
