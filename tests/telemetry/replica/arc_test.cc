// Each arc of the protocol, corrupted in every way in an otherwise legal session: the replica must refuse it.
#include <gtest/gtest.h>

#include <algorithm>

#include "telemetry/replica/arc_table.h"
#include "tests/support/session_model.h"
#include "tests/telemetry/replica/fold.h"

namespace sweepscope::telemetry {
namespace {

using testing::fold_all;
using testing::Folded;
using testing::generate_session;
using testing::ModelPolicy;

using Session = std::vector<Event>;

class EveryArc : public ::testing::TestWithParam<ArcSpec> {
 protected:
  // A session, and the places of a few transitions along the arc that a later event of the same span follows.
  static Session session() {
    return generate_session({.seed = 11, .procs = 4, .span_limit = 60, .cycles = 8, .ops = 400});
  }
  static std::vector<size_t> places(const Session& events) {
    std::vector<size_t> found;
    for (size_t i = 0; i < events.size(); ++i)
      if (const auto* t = std::get_if<Transition>(&events[i].body);
          t != nullptr && t->arc == GetParam().arc && next_of(events, i) < events.size())
        found.push_back(i);
    std::vector<size_t> few;
    for (size_t i = 0; i < found.size(); i += std::max<size_t>(1, found.size() / 8)) few.push_back(found[i]);
    return few;
  }
  static size_t next_of(const Session& events, size_t i) {
    const SpanId span = std::get<Transition>(events[i].body).span;
    size_t next = i + 1;
    while (next < events.size() && !(std::get_if<Transition>(&events[next].body) != nullptr &&
                                     std::get<Transition>(events[next].body).span == span))
      ++next;
    return next;
  }
  template <class Corrupt>
  static void expect_refused(Corrupt corrupt) {
    const Session legal = session();
    const auto where = places(legal);
    ASSERT_GE(where.size(), 3u) << "the session has too few of this arc";
    for (size_t i : where) {
      Session corrupted = legal;
      corrupt(corrupted, i);
      EXPECT_FALSE(fold_all(corrupted).refusals.empty()) << "event " << i;
    }
  }
  static Transition& at(Session& events, size_t i) { return std::get<Transition>(events[i].body); }
};

INSTANTIATE_TEST_SUITE_P(Protocol, EveryArc, ::testing::ValuesIn(kArcs),
                         [](const auto& arc) { return arc.param.name; });

TEST_P(EveryArc, IsRefusedFromAnotherGeneration) {
  for (int slip : {-4, -3, -2, -1, 1, 2, 3, 4})
    expect_refused([&](Session& events, size_t i) { at(events, i).from += static_cast<uint32_t>(slip); });
}

TEST_P(EveryArc, IsRefusedToAnotherGeneration) {
  for (int slip : {-4, -3, -2, -1, 1, 2, 3, 4})
    expect_refused([&](Session& events, size_t i) { at(events, i).to += static_cast<uint32_t>(slip); });
}

TEST_P(EveryArc, IsRefusedInAnotherEpoch) {
  for (uint32_t slip : {2u, ~1u, 1000u})
    expect_refused([&](Session& events, size_t i) {
      at(events, i).from += slip;
      at(events, i).to += slip;
    });
}

TEST_P(EveryArc, IsRefusedUnderTheNameOfEveryOtherArc) {
  for (const ArcSpec& other : kArcs) {
    if (other.from == GetParam().from && other.to == GetParam().to)
      continue;  // T3 and T4, T8a and T8b: same step
    expect_refused([&](Session& events, size_t i) { at(events, i).arc = other.arc; });
  }
  expect_refused([&](Session& events, size_t i) { at(events, i).arc = static_cast<Arc>(99); });
}

TEST_P(EveryArc, IsRefusedWithAnotherNumber) {
  for (uint32_t slip : {1u, ~0u, 7u, 1u << 31})
    expect_refused([&](Session& events, size_t i) { at(events, i).number += slip; });
}

TEST_P(EveryArc, IsRefusedWithAPThatDoesNotExist) {
  expect_refused([](Session& events, size_t i) { at(events, i).p = 4000; });
}

TEST_P(EveryArc, IsRefusedWithAnotherP) {
  if (GetParam().arc == Arc::kT6) {  // the P that ends the sweep must be the P that claimed
    expect_refused([](Session& events, size_t i) { at(events, i).p = at(events, i).p == 2 ? 1 : 2; });
    return;
  }
  if (ends_sweep(GetParam().arc)) {
    expect_refused([](Session& events, size_t i) {
      events[i].stream += 1;  // another thread ends the sweep
      at(events, i).p = kNoP;
    });
    return;
  }
  expect_refused([](Session& events, size_t i) { at(events, i).p = at(events, i).p == 1 ? 0 : 1; });
  expect_refused([](Session& events, size_t i) { at(events, i).p = kNoP; });
}

TEST_P(EveryArc, AMissingOneIsRefused) {
  expect_refused(
      [](Session& events, size_t i) { events.erase(events.begin() + static_cast<std::ptrdiff_t>(i)); });
}

TEST_P(EveryArc, IsRefusedWhenRepeated) {
  expect_refused([](Session& events, size_t i) {
    const Event copy = events[i];
    events.insert(events.begin() + static_cast<std::ptrdiff_t>(i), copy);
  });
}

TEST_P(EveryArc, IsRefusedWhenSwappedWithTheNextOfItsSpan) {
  expect_refused([](Session& events, size_t i) {
    const size_t next = next_of(events, i);
    std::swap(at(events, i), at(events, next));
    std::swap(at(events, i).number, at(events, next).number);
  });
}

// ---- the rest of the table and the invariants

template <class T>
std::vector<size_t> all_of(const Session& events) {
  std::vector<size_t> found;
  for (size_t i = 0; i < events.size(); ++i)
    if (std::holds_alternative<T>(events[i].body)) found.push_back(i);
  return found;
}

template <class T>
void expect_corrupted_refused(void (*corrupt)(T&), const std::string& rule, size_t which = 1) {
  Session events = generate_session({.seed = 5, .cycles = 3});
  const auto places = all_of<T>(events);
  ASSERT_GT(places.size(), which);
  corrupt(std::get<T>(events[places[which]].body));
  const Folded folded = fold_all(events);
  EXPECT_TRUE(folded.refused(rule)) << "wanted " << rule << ", got:\n" << folded.text();
}

template <class T>
void expect_dropped_refused(const std::string& rule, size_t which = 1) {
  Session events = generate_session({.seed = 5, .cycles = 3});
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(all_of<T>(events).at(which)));
  const Folded folded = fold_all(events);
  EXPECT_TRUE(folded.refused(rule)) << "wanted " << rule << ", got:\n" << folded.text();
}

TEST(Allocation, IsRefusedOnPagesInUse) {
  Replica replica;
  EXPECT_FALSE(replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}}));
  EXPECT_FALSE(
      replica.apply({2, 1, SpanAllocated{1, 1, 3, 2, 0, 0, 4}}));  // may still wait for the free of page 3
  const auto refusal = replica.finish();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->rule, "T1");
  EXPECT_EQ(refusal->sentence, "T1 of span 1 takes pages 3 to 4, but page 3 belongs to span 0.");
}

TEST(Allocation, IsRefusedTwiceOrInAnotherEpoch) {
  Replica replica;
  EXPECT_FALSE(replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 6, 0, 4}}));
  EXPECT_EQ(replica.apply({2, 1, SpanAllocated{0, 2, 8, 4, 6, 0, 4}})->rule, "T1");
  EXPECT_EQ(replica.apply({3, 1, SpanAllocated{1, 1, 20, 4, 8, 0, 4}})->rule, "epoch");
}

TEST(Sweep, IsEndedByTheThreadThatBeganIt) {
  for (const uint32_t ender : {1u, 2u}) {
    Replica replica;
    replica.apply({1, 1, Procresize{0, 2, 6}});
    replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 6, 0, 4}});
    const auto swept = [&] {
      replica.apply({2, 1, PhaseChange{1, Phase::kSweepTermination, 0, 0}});
      replica.apply({2, 1, PhaseChange{1, Phase::kMark, 0, 0}});
      replica.apply({2, 1, Stw{1, StwEdge::kRequested, StwReason::kMarkTermination, 0, 0, 0}});
      replica.apply({2, 1, Stw{1, StwEdge::kStopped, StwReason::kMarkTermination, 0, 0, 0}});
      replica.apply({2, 1, PhaseChange{1, Phase::kMarkTermination, 0, 0}});
      replica.apply({2, 1, Turn{1, 6, 8, 1, 2}});
      replica.apply(
          {3, 1, Transition{0, 2, 6, 7, 1, 0, Arc::kT6, Cause::kBackground, ListMembership::kNone}});
      return replica.apply({4, ender, Transition{0, 3, 7, 8, 1, 0, Arc::kT8a, Cause::kNone, {}}});
    };
    const auto refusal = swept();
    ASSERT_EQ(refusal.has_value(), ender != 1);
    if (refusal) {
      EXPECT_EQ(refusal->rule, "I4");
    }
  }
}

TEST(Free, IsRefusedForACachedSpan) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}});
  replica.apply({2, 1, Transition{0, 2, 0, 3, 1, 0, Arc::kT2, Cause::kRefill, ListMembership::kEmpty}});
  EXPECT_EQ(replica.span(0)->owner, 0);
  EXPECT_EQ(replica.apply({3, 1, SpanFreed{0, 3, 0, 4, 3, 0}})->rule, "I5");
  EXPECT_EQ(replica.ps()[0].cached, 0u);
}

TEST(Free, IsRefusedForOtherPagesOrTwice) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}});
  EXPECT_EQ(replica.apply({2, 1, SpanFreed{0, 2, 0, 3, 0, 0}})->rule, "T9");
  EXPECT_EQ(replica.apply({3, 1, SpanFreed{0, 3, 0, 4, 0, 0}})->rule, "T9");
}

TEST(Turn, IsRefusedUnlessItIsPlusTwo) {
  expect_corrupted_refused<Turn>([](Turn& t) { t.to += 2; }, "T5");
}
TEST(Turn, IsRefusedFromAnotherEpoch) {
  expect_corrupted_refused<Turn>(
      [](Turn& t) {
        t.from += 2;
        t.to += 2;
      },
      "epoch");
}
TEST(Turn, IsRefusedForAnotherCycle) {
  expect_corrupted_refused<Turn>([](Turn& t) { ++t.cycle; }, "T5");
}
TEST(Turn, IsRefusedWhenItCountsOtherSpans) {
  expect_corrupted_refused<Turn>([](Turn& t) { ++t.spans_in_use; }, "T5");
}
TEST(Turn, IsRefusedWhenItCountsOtherPs) {
  expect_corrupted_refused<Turn>([](Turn& t) { ++t.ps; }, "T5");
}
TEST(Turn, AMissingOneIsRefused) { expect_dropped_refused<Turn>("T5"); }

TEST(Turn, IsRefusedWhileASpanIsBeingSweptOrStaleOrUnswept) {
  // Drops the last T8, T7+T8 or T6+T8 of a span before a turn and renumbers: only the turn can detect it.
  for (const auto& [arc, rule] :
       {std::pair{Arc::kT8a, "T5"}, std::pair{Arc::kT7, "T5"}, std::pair{Arc::kT6, "I3"}}) {
    Replica replica;
    const auto fold = [&](Body body) { return replica.apply({1, 1, body}); };
    fold(Procresize{0, 1, 0});
    fold(SpanAllocated{0, 1, 0, 1, 0, 0, 4});
    if (arc == Arc::kT7) fold(Transition{0, 2, 0, 3, 1, 0, Arc::kT2, Cause::kRefill, ListMembership::kEmpty});
    uint32_t h = 0;
    std::optional<Refusal> refusal;
    for (uint32_t cycle = 1; cycle <= 2; ++cycle) {
      fold(PhaseChange{cycle, Phase::kSweepTermination, 0, 0});
      fold(Stw{cycle, StwEdge::kRequested, StwReason::kMarkTermination, 0, 0, 0});
      fold(Stw{cycle, StwEdge::kStopped, StwReason::kMarkTermination, 0, 0, 0});
      fold(PhaseChange{cycle, Phase::kMark, 0, 0});
      fold(PhaseChange{cycle, Phase::kMarkTermination, 0, 0});
      refusal = fold(Turn{cycle, h, h + 2, 1, 1});
      fold(PhaseChange{cycle, Phase::kOff, 0, 0});
      fold(Stw{cycle, StwEdge::kReleased, StwReason::kMarkTermination, 0, 0, 0});
      fold(Stw{cycle, StwEdge::kStarted, StwReason::kMarkTermination, 0, 0, 0});
      h += 2;
      if (cycle == 1) {
        EXPECT_FALSE(refusal) << refusal->sentence;
        if (arc == Arc::kT8a)
          fold(Transition{0, 2, 0, 1, 1, 0, Arc::kT6, Cause::kBackground, ListMembership::kNone});
        if (arc != Arc::kT7) fold(Flush{0, FlushCause::kProcresize, 0, 0, 0, 2, 0});
      }
    }
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->rule, rule) << refusal->sentence;
  }
}

// A collector that marks in a stopped world has one stop for the whole cycle, not two nested ones.
TEST(StopOfTheWorld, IsRefusedBeforeThePreviousStopEnded) {
  const auto stop = [](StwEdge edge, StwReason reason) { return Stw{1, edge, reason, 0, 0, 0}; };
  Session events;
  const auto add = [&](Body body) { events.push_back({static_cast<int64_t>(events.size()), 1, body}); };
  add(stop(StwEdge::kRequested, StwReason::kSweepTermination));
  add(stop(StwEdge::kStopped, StwReason::kSweepTermination));
  add(stop(StwEdge::kRequested, StwReason::kMarkTermination));
  add(stop(StwEdge::kStopped, StwReason::kMarkTermination));
  add(stop(StwEdge::kReleased, StwReason::kMarkTermination));
  add(stop(StwEdge::kStarted, StwReason::kMarkTermination));
  EXPECT_TRUE(fold_all(events).refused("stw"));
  events.erase(events.begin(), events.begin() + 2);
  EXPECT_EQ(fold_all(events).text(), "");
}

TEST(Turn, IsRefusedWhileTheWorldRuns) {
  Replica replica;
  for (Phase phase : {Phase::kSweepTermination, Phase::kMark, Phase::kMarkTermination})
    replica.apply({1, 1, PhaseChange{1, phase, 0, 0}});
  EXPECT_EQ(replica.apply({2, 1, Turn{1, 0, 2, 0, 0}})->sentence,
            "The turn of cycle 1 came while the world was running.");
}

TEST(GcStart, RefusesSpansThatAreNotSweptAndCachesThatAreNotFlushed) {
  Replica replica;
  const auto fold = [&](Body body) { return replica.apply({1, 1, body}); };
  fold(Procresize{0, 2, 0});
  fold(SpanAllocated{0, 1, 0, 1, 0, 0, 4});
  fold(PhaseChange{1, Phase::kSweepTermination, 0, 0});
  EXPECT_FALSE(fold(PhaseChange{1, Phase::kMark, 0, 0}));
  fold(Stw{1, StwEdge::kRequested, StwReason::kMarkTermination, 0, 0, 0});
  fold(Stw{1, StwEdge::kStopped, StwReason::kMarkTermination, 0, 0, 0});
  fold(PhaseChange{1, Phase::kMarkTermination, 0, 0});
  EXPECT_FALSE(fold(Turn{1, 0, 2, 1, 2}));
  EXPECT_FALSE(fold(PhaseChange{1, Phase::kOff, 0, 0}));
  EXPECT_FALSE(fold(Flush{1, FlushCause::kAcquireP, 0, 0, 0, 2, 0}));
  EXPECT_FALSE(fold(PhaseChange{2, Phase::kSweepTermination, 0, 0}));
  const auto span = fold(PhaseChange{2, Phase::kMark, 0, 0});
  ASSERT_TRUE(span);
  EXPECT_EQ(span->rule, "I7");
  EXPECT_EQ(span->sentence, "Cycle 2 starts to mark, but span 0 needs sweep (-2).");
  const auto p = replica.next_refusal();
  ASSERT_TRUE(p);
  EXPECT_EQ(p->sentence, "Cycle 2 starts to mark, but P0 was last flushed at 0, sg is 2.");
  EXPECT_FALSE(replica.next_refusal());
}

TEST(FlushEvent, IsRefusedWithAnotherGenerationThanTheHeaps) {
  expect_corrupted_refused<Flush>([](Flush& f) { f.flush_gen += 4; }, "flush_gen");
}
TEST(FlushEvent, IsRefusedForAPThatDoesNotExist) {
  expect_corrupted_refused<Flush>([](Flush& f) { f.p = 999; }, "flush");
}
TEST(FlushEvent, AMissingOneIsRefused) {
  const Session legal = generate_session({.seed = 5, .cycles = 3});
  size_t refused = 0, storing = 0;
  for (size_t i : all_of<Flush>(legal)) {
    const auto cause = std::get<Flush>(legal[i].body).cause;
    if (cause == FlushCause::kStats || cause == FlushCause::kDestroy)
      continue;  // stores no flush_gen, or the P is dead
    Session events = legal;
    events.erase(events.begin() + static_cast<std::ptrdiff_t>(i));
    ++storing;
    refused += fold_all(events).refusals.empty() ? 0 : 1;
  }
  EXPECT_GT(storing, 4u);
  EXPECT_GE(refused + 1, storing);  // possibly no event after the last flush depends on it
}
TEST(FlushEvent, IsRefusedWhileSpansAreLeftInTheCache) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}});
  replica.apply({2, 1, Transition{0, 2, 0, 3, 1, 0, Arc::kT2, Cause::kRefill, ListMembership::kEmpty}});
  EXPECT_FALSE(replica.apply({3, 1, Flush{0, FlushCause::kStats, 1, 0, 0, 0, 0}}));
  EXPECT_EQ(replica.finish()->sentence, "The flush of P0 ended at 0, but 1 span is still in its cache.");
}

TEST(Refill, IsRefusedForAPThatWasNotFlushed) {
  Session events = generate_session({.seed = 5, .cycles = 3});
  for (size_t i : all_of<Flush>(events)) {
    auto& flush = std::get<Flush>(events[i].body);
    if (flush.cause == FlushCause::kAcquireP) flush.flush_gen -= 2;  // reports the old flush_gen
  }
  const Folded folded = fold_all(events);
  EXPECT_TRUE(folded.refused("flush_gen")) << folded.text();
}

TEST(PhaseEvent, IsRefusedOutOfOrder) {
  expect_corrupted_refused<PhaseChange>([](PhaseChange& p) { p.phase = Phase::kOff; }, "phase");
  expect_corrupted_refused<PhaseChange>([](PhaseChange& p) { ++p.cycle; }, "phase");
  expect_corrupted_refused<PhaseChange>([](PhaseChange& p) { p.phase = static_cast<Phase>(7); }, "phase");
  expect_dropped_refused<PhaseChange>("phase");
}

TEST(StopOfTheWorld, IsRefusedOutOfOrder) {
  for (size_t which = 0; which < 4; ++which) expect_dropped_refused<Stw>("stw", which + 4);
}

TEST(StatusOfAP, IsRefusedAlongAnArcThatDoesNotExist) {
  expect_corrupted_refused<PStatusChange>(
      [](PStatusChange& c) {
        c.from = PStatus::kIdle;
        c.to = PStatus::kBlocked;
      },
      "status");
  expect_corrupted_refused<PStatusChange>([](PStatusChange& c) { c.to = static_cast<PStatus>(9); }, "status");
  expect_corrupted_refused<PStatusChange>([](PStatusChange& c) { c.p = 999; }, "status");
}

TEST(StatusOfAP, AMissingOneIsRefused) {
  const Session legal = generate_session({.seed = 5, .cycles = 2});
  for (size_t i : all_of<PStatusChange>(legal)) {
    Session events = legal;
    const auto gone = std::get<PStatusChange>(events[i].body);
    events.erase(events.begin() + static_cast<std::ptrdiff_t>(i));
    bool later = false;  // the last change of a P leaves no trace
    for (size_t k = i; k < events.size(); ++k)
      if (const auto* c = std::get_if<PStatusChange>(&events[k].body)) later = later || c->p == gone.p;
    if (later) {
      EXPECT_FALSE(fold_all(events).refusals.empty()) << "event " << i;
    }
  }
}

TEST(ProcresizeEvent, IsRefusedWithOtherNumbers) {
  for (uint64_t seed = 1; seed < 20; ++seed) {
    Session events = generate_session({.seed = seed, .cycles = 4});
    const auto places = all_of<Procresize>(events);
    if (places.size() < 2) continue;
    ++std::get<Procresize>(events[places[1]].body).from;
    EXPECT_TRUE(fold_all(events).refused("procresize")) << "seed " << seed;
  }
}

TEST(Sentences, NameTheSpanThePAndTheNumbers) {
  Replica replica;
  replica.apply({1, 1, Procresize{0, 4, 8}});
  replica.apply({1, 1, SpanAllocated{41, 1, 0, 4, 8, 0, 4}});
  const auto early =
      replica.apply({2, 1, Transition{41, 2, 6, 7, 1, kNoP, Arc::kT6, Cause::kBackground, {}}});
  ASSERT_TRUE(early);
  EXPECT_EQ(early->rule, "T6");
  EXPECT_EQ(early->sentence,
            "T6 of span 41 starts from 6, but the span is swept (0): its sweepgen is 8, sg is 8.");
  replica.apply({3, 1, Transition{41, 3, 7, 8, 1, kNoP, Arc::kT8a, Cause::kBackground, {}}});
  replica.apply({4, 1, Transition{41, 4, 8, 11, 1, 2, Arc::kT2, Cause::kRefill, {}}});
  const auto wrong = replica.apply({5, 1, Transition{41, 5, 11, 8, 1, 3, Arc::kT3, Cause::kRefill, {}}});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->rule, "I6");
  EXPECT_EQ(wrong->sentence, "T3 of span 41 removes it from the cache of P3, but it is in the cache of P2.");
}

}  // namespace
}  // namespace sweepscope::telemetry
