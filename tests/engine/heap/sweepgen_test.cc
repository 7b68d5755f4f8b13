// The arithmetic of the protocol: at every h, five distances decode to a state and no other distance does.
#include "engine/heap/sweepgen.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace sweepscope::engine {
namespace {

struct Row {
  SweepState state;
  int distance;
};
// Decoding: the states of engine/README.md.
constexpr std::array kTable{Row{SweepState::kNeeds, -2}, Row{SweepState::kSweeping, -1},
                            Row{SweepState::kSwept, 0}, Row{SweepState::kStale, 1},
                            Row{SweepState::kCached, 3}};
// Around every wrap: of h - 2, of h - 1, of h + 1 and of h + 3.
constexpr std::array<uint32_t, 9> kGens{kFirstHeapGen, 6,          1000, 0x7FFFFFFE, 0x80000000,
                                        0xFFFFFFFC,    0xFFFFFFFE, 0u,   2u};

TEST(Sweepgen, EncodesAndDecodesTheTableAtEveryHeapGeneration) {
  for (uint32_t h : kGens) {
    for (const Row& row : kTable) {
      const uint32_t raw = h + static_cast<uint32_t>(row.distance);
      EXPECT_EQ(encode(row.state, h), raw) << h << " " << row.distance;
      EXPECT_EQ(decode(raw, h), row.state) << h << " " << row.distance;
    }
  }
}

TEST(Sweepgen, EveryOtherDistanceIsIllegal) {
  for (uint32_t h : kGens) {
    for (int distance = -70000; distance <= 70000; ++distance) {
      if (distance == -2 || distance == -1 || distance == 0 || distance == 1 || distance == 3) continue;
      ASSERT_EQ(decode(h + static_cast<uint32_t>(distance), h), std::nullopt) << h << " " << distance;
    }
    for (int bit = 3; bit < 32; ++bit) EXPECT_EQ(decode(h + (1u << bit), h), std::nullopt) << h << " " << bit;
  }
}

TEST(Sweepgen, TurnRelabelsSweptAsNeedsAndCachedAsStale) {
  for (uint32_t h : kGens) {
    EXPECT_EQ(decode(encode(SweepState::kSwept, h), h + 2), SweepState::kNeeds);
    EXPECT_EQ(decode(encode(SweepState::kCached, h), h + 2), SweepState::kStale);
    // No span is in these states at a turn: STALE would decode as SWEEPING forever, the others as no state.
    EXPECT_EQ(decode(encode(SweepState::kSweeping, h), h + 2), std::nullopt);
    EXPECT_EQ(decode(encode(SweepState::kStale, h), h + 2), SweepState::kSweeping);
    EXPECT_EQ(decode(encode(SweepState::kNeeds, h), h + 2), std::nullopt);
  }
}

TEST(Sweepgen, ZeroedStructDoesNotNeedSweepingAtTheFirstGeneration) {
  EXPECT_NE(decode(0, kFirstHeapGen), SweepState::kNeeds);
  EXPECT_EQ(kFirstHeapGen % 2, 0u);
}

}  // namespace
}  // namespace sweepscope::engine
