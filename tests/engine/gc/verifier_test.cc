// The result of Engine::verify() in a heap that the test damages and repairs: what was walked, what is wrong.
#include "engine/gc/verifier.h"

#include <gtest/gtest.h>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

struct Verifier : ::testing::Test {
  WhiteBox box;
  MSpan& span = box.cached(3);
  MCache& cache = box.cache();

  // From outside, so the test's thread gives its P up meanwhile.
  Verification verify() {
    box.sched().release_p(box.m(), observe::PStatus::kIdle);
    box.sched().permits.give(box.m());
    Verification result = box.engine->verify();
    box.sched().acquire_p(box.m());
    return result;
  }
};

TEST_F(Verifier, CountsWhatItWalked) {
  const Verification sound = verify();
  EXPECT_TRUE(sound.ok()) << sound.text();
  EXPECT_TRUE(sound.complete);
  EXPECT_TRUE(sound.found.empty());
  EXPECT_EQ(sound.mcaches, 1u);
  EXPECT_EQ(sound.spans, 1u);
  EXPECT_EQ(sound.queued, 1u);
  EXPECT_EQ(sound.listed, 1u);
  EXPECT_EQ(sound.text(),
            "no violation; walked: spans 1, mcaches 1, queue entries 1, list entries 1, special records 0");
}

TEST_F(Verifier, ReportsAViolationWithItsInvariantAndValues) {
  cache.cached = 2;
  const Verification damaged = verify();
  cache.cached = 1;
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.violations, 1u);
  ASSERT_EQ(damaged.found.size(), 1u);
  EXPECT_EQ(damaged.found[0].invariant, 6u);
  EXPECT_STREQ(damaged.found[0].words, "heap verifier");
  EXPECT_EQ(damaged.text(), "1 violation: heap verifier, I6, p = 0, counted = 2, found = 1");
  EXPECT_TRUE(damaged.complete);
  EXPECT_TRUE(verify().ok()) << "verify() changed the heap";
}

TEST_F(Verifier, ContinuesAfterASpanWithoutAState) {
  const uint32_t gen = span.sweepgen.peek();
  span.sweepgen.init(box.h() + 2);
  const Verification undecodable = verify();
  span.sweepgen.init(gen);
  ASSERT_FALSE(undecodable.ok());
  EXPECT_FALSE(undecodable.complete);
  EXPECT_EQ(undecodable.spans, 1u);
  EXPECT_EQ(undecodable.found.at(0).invariant, 1u) << "a fresh mcache holds it";
  EXPECT_STREQ(undecodable.found.at(1).words, "undecodable sweepgen");
}

TEST_F(Verifier, ListsTheFirstViolationsAndCountsAll) {
  constexpr uint32_t kWrong = 40;
  for (uint32_t i = 0; i < kWrong; ++i) box.heap().swept().push(span.id);
  const Verification damaged = verify();
  for (uint32_t i = 0; i < kWrong; ++i) box.heap().swept().pop();
  EXPECT_GE(damaged.violations, kWrong);
  EXPECT_EQ(damaged.found.size(), Verification::kListed);
  EXPECT_TRUE(verify().ok());
}

}  // namespace
}  // namespace sweepscope::engine
