#include "telemetry/server/live_picture.h"

#include <gtest/gtest.h>

#include "tests/telemetry/support/fake_session.h"

namespace sweepscope::telemetry {
namespace {

std::string encode_for_testing(const Replica& replica) {
  return std::to_string(replica.sweepgen()) + "/" + std::to_string(replica.lost());
}

TEST(LivePicture, AppliesAllBatches) {
  LivePicture picture(&encode_for_testing);
  testing::FakeSession session;
  session.give(picture,
               {{1, 1, SpanAllocated{0, 1, 0, 1, 2, 0, 5}},
                {2, 1, Transition{0, 2, 2, 5, 3, 0, Arc::kT2, Cause::kRefill, ListMembership::kEmpty}}});
  ASSERT_NE(picture.replica().span(0), nullptr);
  EXPECT_EQ(picture.replica().span(0)->sweepgen, 5u);
  EXPECT_EQ(picture.replica().span(0)->number, 2u);
  EXPECT_EQ(picture.replica().events(), 2u);
}

TEST(LivePicture, CountsLosses) {
  LivePicture picture(&encode_for_testing);
  testing::FakeSession session;
  session.give(picture, testing::numbered_events(0, 3), 40);
  EXPECT_EQ(picture.replica().lost(), 40u);
  const Snapshot snapshot = picture.snapshot(3, 9);
  EXPECT_EQ(snapshot.next_seq, 3u);
  EXPECT_EQ(snapshot.ns, 9);
  EXPECT_EQ(snapshot.keyframe, encode_for_testing(picture.replica()));
}

}  // namespace
}  // namespace sweepscope::telemetry
