// Declared losses: which state is unknown afterwards, and until when.
#include <gtest/gtest.h>

#include "tests/support/session_model.h"
#include "tests/telemetry/replica/fold.h"

namespace sweepscope::telemetry {
namespace {

using testing::drain;
using testing::Folded;
using testing::generate_session;
using testing::Handover;

// Folds the session without its events [first, last), which it declares lost.
Folded fold_with_hole(const std::vector<Event>& events, size_t first, size_t last) {
  Folded folded;
  for (size_t i = 0; i < events.size(); ++i) {
    if (i == first) folded.replica.declare_loss(last - first);
    if (i < first || i >= last) drain(folded, folded.replica.apply(events[i]));
  }
  drain(folded, folded.replica.finish());
  return folded;
}

TEST(Loss, IsAcceptedAtAnyPosition) {
  std::mt19937_64 random(1);
  for (uint64_t seed = 1; seed < 60; ++seed) {
    const Handover handover = seed % 2 == 0 ? Handover::kInOrder : Handover::kChunked;
    const auto events = generate_session({.seed = seed, .cycles = 6, .handover = handover});
    const size_t first = 10 + random() % (events.size() - 600);
    const size_t last = first + 1 + random() % 500;
    const Folded folded = fold_with_hole(events, first, last);
    EXPECT_EQ(folded.text(), "") << "seed " << seed << ", lost " << first << " to " << last;
    EXPECT_EQ(folded.replica.lost(), last - first);
  }
}

TEST(Loss, MakesASpanUnknownUntilItIsAllocatedAgain) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}});
  replica.declare_loss(3);
  EXPECT_FALSE(
      replica.apply({2, 1, Transition{0, 5, 0, 3, 1, 0, Arc::kT2, Cause::kRefill, ListMembership::kEmpty}}));
  EXPECT_TRUE(replica.span(0)->unknown);
  EXPECT_EQ(replica.span(0)->first_page, 0u);
  replica.apply({3, 1, Transition{0, 6, 3, 0, 1, 0, Arc::kT4, Cause::kRelease, ListMembership::kNonempty}});
  replica.apply({4, 1, SpanFreed{0, 7, 0, 4, 0, 0}});
  replica.apply({5, 1, SpanAllocated{0, 8, 0, 4, 0, 0, 4}});
  EXPECT_FALSE(replica.span(0)->unknown);
}

TEST(Loss, LeavesSpansWithoutMissingEventsKnown) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}});
  replica.declare_loss(3);
  replica.apply({2, 1, Transition{0, 2, 0, 3, 1, 0, Arc::kT2, Cause::kRefill, ListMembership::kEmpty}});
  EXPECT_FALSE(replica.span(0)->unknown);
}

TEST(Loss, ReleasesEventsThatWaitedForLostOnes) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}});
  replica.apply({2, 1, Transition{0, 3, 3, 0, 1, 0, Arc::kT4, Cause::kRelease, ListMembership::kNonempty}});
  EXPECT_FALSE(replica.settled());
  replica.declare_loss(1);
  EXPECT_TRUE(replica.settled());
  EXPECT_EQ(replica.span(0)->number, 3u);
  EXPECT_FALSE(replica.finish());
}

TEST(Gap, WithoutALossIsRefusedAtTheEndWithItsNumber) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{7, 1, 0, 4, 0, 0, 4}});
  EXPECT_FALSE(replica.apply({2, 1, Transition{7, 3, 3, 0, 1, 0, Arc::kT4, Cause::kRelease, {}}}));
  const auto refusal = replica.finish();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->rule, "number");
  EXPECT_EQ(refusal->sentence, "Span 7: transition 2 is missing, the next one is 3.");
}

TEST(Gap, ClosesInAnyOrder) {
  Replica replica;
  const auto t = [](uint32_t number, uint32_t from, uint32_t to, uint16_t p, Arc arc) {
    return Event{2, p, Transition{0, number, from, to, 1, p, arc, Cause::kRefill, {}}};
  };
  replica.apply(t(4, 0, 3, 1, Arc::kT2));
  replica.apply(t(2, 0, 3, 0, Arc::kT2));
  replica.apply(t(3, 3, 0, 0, Arc::kT3));
  EXPECT_FALSE(replica.settled());
  EXPECT_FALSE(replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}}));
  EXPECT_TRUE(replica.settled());
  EXPECT_EQ(replica.span(0)->number, 4u);
  EXPECT_EQ(replica.span(0)->owner, 1);
  EXPECT_FALSE(replica.finish());
}

TEST(Gap, BufferIsBounded) {
  Replica replica;
  replica.apply({1, 1, SpanAllocated{0, 1, 0, 4, 0, 0, 4}});
  std::optional<Refusal> refusal;
  uint32_t number = 3;
  for (; !refusal && number < 200000; ++number)
    refusal = replica.apply({2, 1, Transition{0, number, 0, 3, 1, kNoP, Arc::kT6, Cause::kRefill, {}}});
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->rule, "number");
  EXPECT_LE(number, 65536u + 8u);
}

}  // namespace
}  // namespace sweepscope::telemetry
