// The heap figure: its value after every event, when it is unknown, and the refusal of a different engine
// figure.
#include <gtest/gtest.h>

#include <map>

#include "telemetry/model/size_class.h"
#include "tests/support/session_model.h"
#include "tests/telemetry/replica/fold.h"

namespace sweepscope::telemetry {
namespace {

using testing::fold_all;
using testing::Folded;
using testing::generate_session;
using testing::Handover;
using testing::ModelPolicy;

// I9, implemented independently of the replica, for events in order only.
class SlowHeap {
 public:
  void add(const Event& event) {
    if (const auto* a = std::get_if<SpanAllocated>(&event.body)) {
      spans_[a->span] = *a;
      if (a->span_class < 2) live_ += int64_t{8192} * a->pages;
    } else if (const auto* t = std::get_if<Transition>(&event.body)) {
      if (t->arc != Arc::kT2 && t->arc != Arc::kT4) return;
      const SpanAllocated& span = spans_.at(t->span);
      const int64_t size = kSlotBytes[span.span_class / 2];
      const int64_t free = (int64_t{8192} * span.pages / size - t->alloc_count) * size;
      live_ += t->arc == Arc::kT2 ? free : -free;
    } else if (const auto* flush = std::get_if<Flush>(&event.body)) {
      live_ += flush->black_bytes;
    } else if (const auto* phase = std::get_if<PhaseChange>(&event.body)) {
      live_ = static_cast<int64_t>(phase->heap_live);
    } else if (std::holds_alternative<Pacer>(event.body)) {
      known_ = true;
    }
  }
  std::optional<uint64_t> live() const {
    return known_ ? std::optional(static_cast<uint64_t>(live_)) : std::nullopt;
  }

 private:
  std::map<SpanId, SpanAllocated> spans_;
  int64_t live_ = 0;
  bool known_ = false;
};

TEST(HeapFigure, EqualsASlowRecountAfterEveryEvent) {
  for (uint64_t seed = 1; seed < 12; ++seed) {
    const auto policy = seed % 2 == 0 ? ModelPolicy::kEager : ModelPolicy::kLazy;
    const auto events = generate_session({.seed = seed, .cycles = 4, .policy = policy});
    Replica replica;
    SlowHeap slow;
    uint64_t moved_between_edges = 0;
    for (size_t seq = 0; seq < events.size(); ++seq) {
      const auto before = replica.heap_live();
      ASSERT_FALSE(replica.apply(events[seq])) << "seed " << seed << ", event " << seq;
      slow.add(events[seq]);
      ASSERT_EQ(replica.heap_live(), slow.live()) << "seed " << seed << ", event " << seq;
      moved_between_edges +=
          replica.heap_live() != before && !std::holds_alternative<PhaseChange>(events[seq].body) ? 1 : 0;
    }
    EXPECT_GT(moved_between_edges, 100u);
  }
}

TEST(HeapFigure, DoesNotDependOnTheOrderOfHandOvers) {
  for (uint64_t seed = 1; seed < 12; ++seed) {
    testing::SessionModel model({.seed = seed, .cycles = 5, .handover = Handover::kChunked});
    const Folded folded = fold_all(model.run());
    EXPECT_EQ(folded.text(), "");
    EXPECT_EQ(folded.replica.heap_live(), model.heap_live()) << "seed " << seed;
  }
}

TEST(HeapFigure, EqualsTheSumOfItsChanges) {
  const auto events = generate_session({.seed = 3, .cycles = 4, .handover = Handover::kChunked});
  Replica replica;
  std::optional<uint64_t> sum;
  for (const Event& event : events) {
    replica.apply(event);
    for (const HeapChange& change : replica.heap_changes()) {
      EXPECT_LE(change.ns, event.ns + 1'000'000'000);
      if (change.kind == HeapChange::Kind::kSet) sum = change.bytes;
      if (change.kind == HeapChange::Kind::kAdd) sum = sum.value() + change.bytes;
      if (change.kind == HeapChange::Kind::kUnknown) sum.reset();
    }
    ASSERT_EQ(replica.heap_live(), sum);
  }
}

TEST(HeapFigure, IsUnknownBeforeTheFirstEngineFigure) {
  Replica replica;
  EXPECT_FALSE(replica.heap_live());
  EXPECT_FALSE(replica.trigger());
  EXPECT_FALSE(replica.goal());
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 5, 0, 0, 1}});
  EXPECT_FALSE(replica.heap_live()) << "earlier events are unknown";
  replica.apply({2, 1, PhaseChange{7, Phase::kOff, 123, 123}});
  EXPECT_EQ(replica.heap_live(), 123u);
  replica.apply({3, 1, SpanAllocated{1, 1, 5, 5, 0, 0, 1}});
  EXPECT_EQ(replica.heap_live(), 123u + 5 * kPageBytes);
}

TEST(HeapFigure, IncludesAllocationsThatArriveBeforeTheFirstPacerEvent) {
  Replica replica;
  replica.apply({2, 2, SpanAllocated{0, 1, 0, 5, 0, 0, 1}});
  replica.apply({1, 1, Pacer{0, 4 << 20, 5 << 20}});
  EXPECT_EQ(replica.heap_live(), 5 * kPageBytes);
  EXPECT_EQ(replica.trigger(), 4u << 20);
  EXPECT_EQ(replica.goal(), 5u << 20);
}

TEST(HeapFigure, IsUnknownFromALossToTheNextPhaseEdge) {
  const auto events = generate_session({.seed = 9, .cycles = 4});
  for (size_t lost = 50; lost + 20 < events.size(); lost += 97) {
    Replica replica;
    for (size_t seq = 0; seq < lost; ++seq) replica.apply(events[seq]);
    replica.declare_loss(20);
    EXPECT_FALSE(replica.heap_live());
    bool edge = false;
    for (size_t seq = lost + 20; seq < events.size() && !edge; ++seq) {
      replica.apply(events[seq]);
      const auto* phase = std::get_if<PhaseChange>(&events[seq].body);
      edge = phase != nullptr;
      ASSERT_EQ(replica.heap_live().has_value(), edge);
      if (edge) {
        EXPECT_EQ(replica.heap_live(), phase->heap_live);
      }
    }
  }
}

// The lost events may have had the report of another trigger. With GOGC off no cycle follows that would report it.
TEST(HeapFigure, TriggerGoalAndMarkedBytesAreUnknownAfterALossUntilTheyAreReported) {
  Replica replica;
  replica.apply({1, 1, Pacer{0, 4 << 20, 5 << 20}});
  replica.apply({2, 1, PhaseChange{1, Phase::kOff, 123, 77}});
  EXPECT_EQ(replica.heap_marked(), 77u);
  replica.declare_loss(3);
  EXPECT_FALSE(replica.trigger());
  EXPECT_FALSE(replica.goal());
  EXPECT_FALSE(replica.heap_marked());
  // GOGC is switched off: the engine reports the trigger, not heap_live, which the sum of later events cannot give.
  replica.apply({3, 1, Pacer{1, ~uint64_t{0}, ~uint64_t{0}}});
  EXPECT_EQ(replica.trigger(), ~uint64_t{0});
  EXPECT_EQ(replica.goal(), ~uint64_t{0});
  replica.apply({4, 1, SpanAllocated{0, 1, 0, 5, 0, 0, 1}});
  EXPECT_FALSE(replica.heap_live());
  EXPECT_FALSE(replica.heap_marked());
  // A forced cycle ends the doubt about all of them at its first edge.
  replica.apply({5, 1, PhaseChange{2, Phase::kSweepTermination, 456, 99}});
  EXPECT_EQ(replica.heap_live(), 456u);
  EXPECT_EQ(replica.heap_marked(), 99u);
}

// Before the first cycle too: a change of GOGC reports cycle 0, as the engine's start does.
TEST(HeapFigure, IsNotSetByAChangeOfGogcAfterALoss) {
  Replica replica;
  replica.apply({1, 1, Pacer{0, 4 << 20, 4 << 20}});
  replica.declare_loss(3);
  replica.apply({2, 1, Pacer{0, ~uint64_t{0}, ~uint64_t{0}}});
  EXPECT_EQ(replica.trigger(), ~uint64_t{0});
  EXPECT_FALSE(replica.heap_live());
}

TEST(HeapFigure, IsUnknownAfterTheRefillOfAnUnknownSpan) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}});
  replica.declare_loss(3);
  replica.apply({2, 1, PhaseChange{7, Phase::kOff, 123, 123}});
  EXPECT_TRUE(replica.heap_live());
  replica.apply({3, 1, Transition{0, 5, 0, 3, 1, 0, Arc::kT2, Cause::kRefill, ListMembership::kEmpty}});
  EXPECT_FALSE(replica.heap_live());
}

TEST(HeapFigure, RefusesADifferentEngineFigure) {
  auto events = generate_session({.seed = 5, .cycles = 3});
  int edge = 0;
  for (Event& event : events)
    if (auto* phase = std::get_if<PhaseChange>(&event.body); phase != nullptr && ++edge == 6)
      phase->heap_live += 8;
  const Folded folded = fold_all(events);
  ASSERT_GE(folded.refusals.size(), 1u);
  EXPECT_EQ(folded.refusals[0].rule, "I9") << folded.text();
}

}  // namespace
}  // namespace sweepscope::telemetry
