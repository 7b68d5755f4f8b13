#include "workloads/gap_meter.h"

#include <gtest/gtest.h>

namespace sweepscope::workloads {
namespace {

TEST(GapMeter, PercentilesAreWithinASixteenth) {
  GapMeter meter;
  for (uint64_t ns = 20'000; ns < 2'000'000; ns += 20'000) meter.add(ns);
  EXPECT_EQ(meter.count(), 99u);
  EXPECT_EQ(meter.max_ns(), 1'980'000u);
  EXPECT_GE(meter.percentile_ns(0.5), 1'000'000u);
  EXPECT_LE(meter.percentile_ns(0.5), 1'000'000u * 17 / 16);
  EXPECT_EQ(meter.percentile_ns(1), 1'980'000u);
}

TEST(GapMeter, AnyDurationHasABucket) {
  GapMeter meter;
  for (int bit = 0; bit < 64; ++bit) meter.add(uint64_t{1} << bit);
  meter.add(~uint64_t{0});
  EXPECT_EQ(meter.count(), 65u);
  EXPECT_EQ(meter.percentile_ns(1), ~uint64_t{0});
}

TEST(GapMeter, MergeAddsCountsAndKeepsTheMaximum) {
  GapMeter a, b;
  a.add(30'000);
  b.add(50'000);
  a.merge(b);
  EXPECT_EQ(a.count(), 2u);
  EXPECT_EQ(a.max_ns(), 50'000u);
}

TEST(GapMeter, MeasuresNothingBeforeTheFirstTick) {
  GapMeter meter;
  EXPECT_FALSE(meter.ticked());
  meter.tick();
  EXPECT_TRUE(meter.ticked());
  EXPECT_EQ(meter.percentile_ns(0.99), 0u);
}

}  // namespace
}  // namespace sweepscope::workloads
