#include "workloads/runner/distribution.h"

#include <gtest/gtest.h>

#include <random>

namespace sweepscope::workloads {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

TEST(Distribution, PercentilesAreNearestRank) {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  const Distribution d = distribution(values);
  EXPECT_EQ(d.count, 100u);
  EXPECT_EQ(d.p50, 50);
  EXPECT_EQ(d.p90, 90);
  EXPECT_EQ(d.p99, 99);
  EXPECT_EQ(d.max, 100);
}

TEST(Distribution, OneValueIsEveryPercentile) {
  const Distribution d = distribution({7});
  EXPECT_EQ(d.p50, 7);
  EXPECT_EQ(d.p99, 7);
  EXPECT_EQ(d.max, 7);
  EXPECT_EQ(distribution({}).count, 0u);
}

TEST(Distribution, MedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({9, 1, 5}), 5);
}

// From Go's tests: utilisation 1, 0, 1, 0, 1 in five successive seconds.
TEST(MinimumMutatorUtilisation, EqualsTheResultOfGosTest) {
  const std::vector<Interval> pauses{{1 * kSecond, 2 * kSecond}, {3 * kSecond, 4 * kSecond}};
  const Interval run{0, 5 * kSecond};
  const auto mmu = [&](uint64_t seconds) {
    return minimum_mutator_utilisation(pauses, run, seconds * kSecond).value();
  };
  EXPECT_DOUBLE_EQ(mmu(1), 0);
  EXPECT_DOUBLE_EQ(mmu(2), 0.5);
  EXPECT_DOUBLE_EQ(mmu(3), 1.0 / 3);
  EXPECT_DOUBLE_EQ(mmu(4), 0.5);
  EXPECT_DOUBLE_EQ(mmu(5), 0.6);
  EXPECT_DOUBLE_EQ(mmu(6), 0.6) << "a window longer than the run is the run";
}

TEST(MinimumMutatorUtilisation, WithoutPausesIsOne) {
  EXPECT_EQ(minimum_mutator_utilisation({}, {0, kSecond}, 1000), 1.0);
  EXPECT_EQ(minimum_mutator_utilisation({}, {5, 5}, 1000), std::nullopt);
}

TEST(MinimumMutatorUtilisation, EqualsABruteForceOverAllWindows) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<Interval> pauses;
    uint64_t t = random() % 20;
    while (t < 180) {
      const uint64_t end = t + 1 + random() % 10;
      pauses.push_back({t, end});
      t = end + 1 + random() % 30;
    }
    const Interval run{0, 200};
    const uint64_t window = 1 + random() % 60;
    uint64_t worst = 0;
    for (uint64_t begin = 0; begin + window <= run.end_ns; ++begin) {
      uint64_t stopped = 0;
      for (const Interval& pause : pauses)
        for (uint64_t at = pause.begin_ns; at < pause.end_ns; ++at)
          stopped += at >= begin && at < begin + window;
      worst = std::max(worst, stopped);
    }
    EXPECT_DOUBLE_EQ(minimum_mutator_utilisation(pauses, run, window).value(),
                     1 - double(worst) / double(window));
  }
}

}  // namespace
}  // namespace sweepscope::workloads
