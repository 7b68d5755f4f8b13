// The forbidden pairs of engine/README.md: each arc is fatal from every state it
// does not begin in.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/heap/arcs.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using observe::Arc;
using observe::Cause;

constexpr SweepState kStates[] = {SweepState::kNeeds, SweepState::kSweeping, SweepState::kSwept,
                                  SweepState::kStale, SweepState::kCached};

struct ArcsDeathTest : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  NonPreemptible region{m};

  void set(MSpan& span, SweepState state) { span.sweepgen.init(encode(state, box.h())); }
  // Every state but `from`, and every illegal distance.
  std::vector<uint32_t> forbidden(SweepState from) {
    std::vector<uint32_t> raws;
    for (SweepState state : kStates)
      if (state != from) raws.push_back(encode(state, box.h()));
    for (int distance : {2, -3, -4}) raws.push_back(box.h() + static_cast<uint32_t>(distance));
    return raws;
  }
};

TEST_F(ArcsDeathTest, OnlyAFreeSpanIsAllocated) {
  MSpan& span = box.fresh();
  EXPECT_FATAL(arc_allocate(m, span, box.h()), "bad span state");
}

TEST_F(ArcsDeathTest, OnlyASweptSpanIsCached) {
  MSpan& span = box.fresh();
  for (uint32_t raw : forbidden(SweepState::kSwept)) {
    span.sweepgen.init(raw);
    EXPECT_FATAL(arc_cache(m, span, box.h()), "undecodable sweepgen") << raw - box.h();
  }
}

TEST_F(ArcsDeathTest, OnlyACachedSpanIsReplacedByRefill) {
  MSpan& span = box.fresh();
  for (uint32_t raw : forbidden(SweepState::kCached)) {
    span.sweepgen.init(raw);
    EXPECT_FATAL(arc_replace_full(m, span, box.h()), "bad sweepgen in refill") << raw - box.h();
  }
}

TEST_F(ArcsDeathTest, OnlyACachedSpanIsUncached) {
  MSpan& span = box.fresh();
  for (uint32_t raw : forbidden(SweepState::kCached)) {
    span.sweepgen.init(raw);
    EXPECT_FATAL(arc_uncache(m, span, box.h(), span.list), "undecodable sweepgen") << raw - box.h();
  }
}

TEST_F(ArcsDeathTest, OnlyAStaleSpanIsClaimedByItsFlusher) {
  MSpan& span = box.fresh();
  for (uint32_t raw : forbidden(SweepState::kStale)) {
    span.sweepgen.init(raw);
    EXPECT_FATAL(arc_claim_stale(m, span, box.h()), "undecodable sweepgen") << raw - box.h();
  }
}

TEST_F(ArcsDeathTest, OnlyASpanBeingSweptBecomesSwept) {
  MSpan& span = box.fresh();
  for (uint32_t raw : forbidden(SweepState::kSweeping)) {
    set(span, SweepState::kNeeds);
    EXPECT_FATAL(
        {
          SweepToken token = arc_claim(m, span, box.h(), Cause::kForced);
          span.sweepgen.init(raw);
          arc_swept(m, std::move(token), box.h(), Arc::kT8Swept);
        },
        "bad span state")
        << raw - box.h();
  }
}

TEST_F(ArcsDeathTest, OnlyASweptSpanIsFreed) {
  MSpan& span = box.fresh();
  for (uint32_t raw : forbidden(SweepState::kSwept)) {
    span.sweepgen.init(raw);
    EXPECT_FATAL(box.heap().free_span(m, span), "invalid free") << raw - box.h();
  }
}

TEST_F(ArcsDeathTest, SpanWithObjectsIsNotFreed) {
  MSpan& span = box.fresh();
  span.alloc_count = 1;
  EXPECT_FATAL(box.heap().free_span(m, span), "invalid free");
}

TEST_F(ArcsDeathTest, TokenDroppedUnspentIsFatal) {
  MSpan& span = box.fresh();
  set(span, SweepState::kNeeds);
  EXPECT_FATAL({ const SweepToken token = arc_claim(m, span, box.h(), Cause::kForced); },
               "sweep token dropped");
  EXPECT_FATAL(
      {
        set(span, SweepState::kStale);
        const SweepToken token = arc_claim_stale(m, span, box.h());
      },
      "sweep token dropped");
}

TEST_F(ArcsDeathTest, FatalLineIsFollowedByNamedValuesAndTheSpan) {
  MSpan& span = box.fresh();
  EXPECT_EXIT(arc_replace_full(m, span, box.h()), ::testing::ExitedWithCode(1),
              "  sweepgen = 4 .*\n  heap_sweepgen = 4 .*\n.*\n?.*span 0: class [0-9]+ noscan.*swept \\(0\\)");
}

}  // namespace
}  // namespace sweepscope::engine
