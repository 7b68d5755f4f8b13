// The parser of the JSON of `sweepctl compare`.
#include "gui/models/flush_comparison.h"

#include <gtest/gtest.h>

namespace sweepscope::gui {
namespace {

const char* const kMeasured = R"({"repeat": 5, "rows": [
  {"procs": "64", "flush_policy": "eager", "pause_go_p50_us": 354.3, "ratio_eager": 1.0, "spans_per_pause": 8448.0},
  {"procs": "64", "flush_policy": "lazy", "pause_go_p50_us": 0.5, "ratio_eager": 708.6, "spans_per_pause": 0.0},
  {"procs": "1", "flush_policy": "eager", "pause_go_p50_us": 2.4, "ratio_eager": 1.0, "spans_per_pause": 132.0},
  {"procs": "1", "flush_policy": "lazy", "pause_go_p50_us": 0.05, "ratio_eager": 48.0, "spans_per_pause": 0.0}],
  "runs": [{"environment": {"cpu": "a CPU", "cores": 2}}]})";

TEST(FlushComparison, PairsEagerWithLazyByNumberOfPs) {
  const auto comparison = readComparison(kMeasured);
  ASSERT_TRUE(comparison) << comparison.error().message;
  ASSERT_EQ(comparison->rows.size(), 2u);
  const auto &one = comparison->rows[0], &many = comparison->rows[1];
  EXPECT_EQ(one.procs, 1);
  EXPECT_EQ(one.cachedSpans, 132);
  EXPECT_EQ(many.procs, 64);
  EXPECT_EQ(many.cachedSpans, 8448);
  EXPECT_DOUBLE_EQ(many.eagerNs, 354'300);
  EXPECT_DOUBLE_EQ(many.lazyNs, 500);
  EXPECT_DOUBLE_EQ(many.eagerTimesLazy, 708.6);
  EXPECT_EQ(comparison->runs, 5);
  EXPECT_EQ(comparison->cores, 2);
  EXPECT_EQ(describe(*comparison),
            QStringLiteral(
                "From 132 to 8,448 cached spans, the eager pause changes from 2.40 us to 354 us, the lazy "
                "pause from 50 ns to 500 ns."));
}

TEST(FlushComparison, ARowWithOnlyOnePolicyIsLeftOut) {
  const auto comparison =
      readComparison(QByteArray(kMeasured).replace("\"pause_go_p50_us\": 0.05", "\"x\": 0"));
  ASSERT_TRUE(comparison);
  ASSERT_EQ(comparison->rows.size(), 1u);
  EXPECT_EQ(comparison->rows[0].procs, 64);
}

TEST(FlushComparison, InvalidJsonIsRefusedWithOneLine) {
  for (const char* bad :
       {"", "no JSON", "[]", "{}", R"({"rows": [{"procs": "1", "flush_policy": "eager"}]})"}) {
    const auto comparison = readComparison(bad);
    ASSERT_FALSE(comparison) << bad;
    EXPECT_FALSE(comparison.error().message.empty());
    EXPECT_EQ(comparison.error().message.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace sweepscope::gui
