// The arcs of engine/README.md: the states that each arc connects, and the event that it emits.
// arcs_death_test.cc tests the forbidden pairs.
#include "engine/heap/arcs.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using observe::Arc;
using observe::Cause;
using observe::EventKind;
using observe::ListMembership;
using observe::Transition;

struct Arcs : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  NonPreemptible region{m};

  void set(MSpan& span, SweepState state) { span.sweepgen.init(encode(state, box.h())); }
  std::optional<SweepState> state(const MSpan& span) { return decode(span.sweepgen.peek(), box.h()); }

  // The only transition since the last call, which must be this arc of this span.
  Transition only_transition(Arc arc, const MSpan& span) {
    const std::vector<Transition> events = box.take_events<Transition>(EventKind::kTransition);
    EXPECT_EQ(events.size(), 1u);
    if (events.size() != 1) return {};
    EXPECT_EQ(events[0].header.code, static_cast<uint8_t>(arc));
    EXPECT_EQ(events[0].header.subject, span.id);
    EXPECT_EQ(events[0].header.p, box.cache().p);
    EXPECT_EQ(events[0].number, span.number);
    EXPECT_EQ(events[0].to, span.sweepgen.peek());
    EXPECT_EQ(events[0].list, span.list);
    return events[0];
  }
  void expect_edge(const Transition& t, int from, int to) {
    EXPECT_EQ(t.from - box.h(), static_cast<uint32_t>(from));
    EXPECT_EQ(t.to - box.h(), static_cast<uint32_t>(to));
  }
};

TEST_F(Arcs, T1MakesAFreeSpanSweptAndReportsItsPages) {
  box.take_records();
  MSpan* span = box.heap().alloc_span(m, 3, SpanClass(0, true), 20000);
  ASSERT_NE(span, nullptr);
  EXPECT_EQ(state(*span), SweepState::kSwept);
  EXPECT_EQ(span->state.peek(), SpanState::kInUse);
  const auto events = box.take_events<observe::SpanAllocated>(EventKind::kSpanAllocated);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].header.subject, span->id);
  EXPECT_EQ(events[0].header.code, span->span_class.raw());
  EXPECT_EQ(events[0].number, span->number);
  EXPECT_EQ(events[0].first_page, span->first_page);
  EXPECT_EQ(events[0].pages, 3u);
  EXPECT_EQ(events[0].sweepgen, box.h());
}

TEST_F(Arcs, T2MakesASweptSpanCached) {
  MSpan& span = box.fresh();
  box.take_records();
  const uint32_t number = span.number;
  arc_cache(m, span, box.h());
  EXPECT_EQ(state(span), SweepState::kCached);
  EXPECT_EQ(span.number, number + 1);
  const Transition event = only_transition(Arc::kT2Cache, span);
  expect_edge(event, 0, 3);
  EXPECT_EQ(event.cause, Cause::kRefill);
  EXPECT_EQ(event.list, ListMembership::kEmpty);
}

TEST_F(Arcs, T3MakesACachedSpanSwept) {
  MSpan& span = box.fresh();
  arc_cache(m, span, box.h());
  box.take_records();
  arc_replace_full(m, span, box.h());
  EXPECT_EQ(state(span), SweepState::kSwept);
  expect_edge(only_transition(Arc::kT3ReplaceFull, span), 3, 0);
}

TEST_F(Arcs, T4MakesACachedSpanSweptAndReportsItsList) {
  MSpan& span = box.cached(3);
  box.take_records();
  ASSERT_FALSE(box.central().uncache_span(m, box.heap(), span));
  EXPECT_EQ(state(span), SweepState::kSwept);
  const Transition event = only_transition(Arc::kT4Uncache, span);
  expect_edge(event, 3, 0);
  EXPECT_EQ(event.alloc_count, 3);
  EXPECT_EQ(event.cause, Cause::kRelease);
  EXPECT_EQ(event.list, ListMembership::kNonempty);
}

TEST_F(Arcs, T5RelabelsEverySpanAtOnceAndWritesNone) {
  MSpan& swept = box.fresh();
  MSpan& cached = box.cached(1, SpanClass(5, true));
  const uint32_t raw_swept = swept.sweepgen.peek(), raw_cached = cached.sweepgen.peek(), h = box.h();
  box.take_records();
  box.turn();
  EXPECT_EQ(box.h(), h + 2);
  EXPECT_EQ(swept.sweepgen.peek(), raw_swept);
  EXPECT_EQ(cached.sweepgen.peek(), raw_cached);
  EXPECT_EQ(state(swept), SweepState::kNeeds);
  EXPECT_EQ(state(cached), SweepState::kStale);
  const auto events = box.take_events<observe::Turn>(EventKind::kTurn);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].from, h);
  EXPECT_EQ(events[0].to, h + 2);
  EXPECT_EQ(events[0].spans_in_use, 2u);
  EXPECT_EQ(events[0].ps, 1u);
}

TEST_F(Arcs, T6SucceedsOnlyOnce) {
  MSpan& span = box.cached(3);
  box.release();
  box.turn();
  box.take_records();
  SweepToken token = arc_claim(m, span, box.h(), Cause::kBackground);
  ASSERT_TRUE(token);
  EXPECT_EQ(&token.span(), &span);
  EXPECT_EQ(state(span), SweepState::kSweeping);
  const Transition event = only_transition(Arc::kT6Claim, span);
  expect_edge(event, -2, -1);
  EXPECT_EQ(event.cause, Cause::kBackground);
  EXPECT_FALSE(arc_claim(m, span, box.h(), Cause::kBackground));
  EXPECT_TRUE(box.take_records().empty());
  sweep_alone(m, box.heap(), std::move(token), MCentral::Preserve::kNo, Cause::kBackground);
}

TEST_F(Arcs, T6ClaimsOnlySpansThatNeedSweeping) {
  MSpan& span = box.fresh();
  box.take_records();
  for (SweepState from :
       {SweepState::kSweeping, SweepState::kSwept, SweepState::kStale, SweepState::kCached}) {
    set(span, from);
    EXPECT_FALSE(arc_claim(m, span, box.h(), Cause::kBackground));
    EXPECT_EQ(state(span), from);
  }
  for (uint32_t illegal : {box.h() + 2, box.h() - 3, box.h() - 4}) {
    span.sweepgen.init(illegal);
    EXPECT_FALSE(arc_claim(m, span, box.h(), Cause::kBackground));
    EXPECT_EQ(span.sweepgen.peek(), illegal);
  }
  EXPECT_TRUE(box.take_records().empty());
}

TEST_F(Arcs, T6SucceedsForOneOfManyThreads) {
  constexpr int kThreads = 4, kRounds = 300;
  MSpan& span = box.cached(1);
  WhiteBox::mark(span, 0);
  box.release();
  std::vector<M*> ms;
  for (int t = 0; t < kThreads; ++t) ms.push_back(&box.runtime().threads().add());
  for (int round = 0; round < kRounds; ++round) {
    box.turn();
    std::atomic<int> won{0}, ready{0};
    std::vector<std::thread> threads;
    for (M* claimer : ms) {
      threads.emplace_back([&, claimer] {
        const NonPreemptible mine(*claimer);
        ++ready;
        while (ready < kThreads) std::this_thread::yield();
        if (SweepToken token = arc_claim(*claimer, span, box.h(), Cause::kBackground)) {
          ++won;
          WhiteBox::mark(span, 0);
          sweep_alone(*claimer, box.heap(), std::move(token), MCentral::Preserve::kNo, Cause::kBackground);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(won, 1) << "round " << round;
    box.sweep_all();
  }
}

TEST_F(Arcs, T7MakesAStaleSpanBeingSwept) {
  MSpan& span = box.cached(3);
  box.turn();
  box.take_records();
  SweepToken token = arc_claim_stale(m, span, box.h());
  EXPECT_EQ(state(span), SweepState::kSweeping);
  const Transition event = only_transition(Arc::kT7ClaimStale, span);
  expect_edge(event, 1, -1);
  EXPECT_EQ(event.cause, Cause::kFlush);
  arc_swept(m, std::move(token), box.h(), Arc::kT8Swept);
}

TEST_F(Arcs, T8SpendsTheTokenAndMakesTheSpanSwept) {
  for (Arc arc : {Arc::kT8Swept, Arc::kT8SweptListed}) {
    MSpan& span = box.fresh();
    set(span, SweepState::kNeeds);
    SweepToken token = arc_claim(m, span, box.h(), Cause::kForced);
    ASSERT_TRUE(token);
    box.take_records();
    arc_swept(m, std::move(token), box.h(), arc);
    EXPECT_EQ(state(span), SweepState::kSwept);
    expect_edge(only_transition(arc, span), -1, 0);
  }
}

TEST_F(Arcs, T9FreesASweptSpanAndKeepsItsSweepgenAndNumber) {
  MSpan* span = box.heap().alloc_span(m, 5, SpanClass(0, true), 40000);
  ASSERT_NE(span, nullptr);
  span->alloc_count = 0;
  box.take_records();
  const uint32_t number = span->number, raw = span->sweepgen.peek();
  box.heap().free_span(m, *span);
  EXPECT_EQ(span->state.peek(), SpanState::kFree);
  EXPECT_EQ(span->sweepgen.peek(), raw);
  EXPECT_EQ(span->number, number + 1);
  const auto events = box.take_events<observe::SpanFreed>(EventKind::kSpanFreed);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].header.subject, span->id);
  EXPECT_EQ(events[0].number, number + 1);
  EXPECT_EQ(events[0].pages, 5u);
  EXPECT_EQ(events[0].sweepgen, raw);
}

TEST_F(Arcs, TransitionsAreNumberedWithoutAnObserver) {
  EngineOptions options = quiet_options();
  Engine::Created made = Engine::create(options);
  ASSERT_TRUE(made.engine);
  M& silent = made.engine->runtime().threads().add();
  MSpan* span = made.engine->runtime().heap().alloc_span(silent, 1, SpanClass(0, true), 8192);
  ASSERT_NE(span, nullptr);
  EXPECT_EQ(span->number, 1u);
  EXPECT_FALSE(silent.emitter.enabled());
}

}  // namespace
}  // namespace sweepscope::engine
