// The lists of fatal codes and of faults.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/base/fatal_codes.h"
#include "engine/base/fault.h"

namespace sweepscope::engine {
namespace {

TEST(FatalCode, EveryCodeHasUniqueWordsAndAMeaning) {
  std::set<std::string> seen;
  for (size_t i = 0; i < static_cast<size_t>(FatalCode::kCount); ++i) {
    const auto code = static_cast<FatalCode>(i);
    EXPECT_FALSE(std::string(words(code)).empty()) << i;
    EXPECT_FALSE(std::string(meaning(code)).empty()) << words(code);
    EXPECT_TRUE(seen.insert(words(code)).second) << words(code);
  }
}

TEST(FatalCode, TextEqualsGosWhereGoHasTheCheck) {
  EXPECT_STREQ(words(FatalCode::kBadSweepgenInRefill), "bad sweepgen in refill");
  EXPECT_STREQ(words(FatalCode::kBadFlushGen), "bad flushGen");
  EXPECT_STREQ(words(FatalCode::kMCacheNotFlushed), "p mcache not flushed");
  EXPECT_STREQ(words(FatalCode::kUncachingEmptySpan), "uncaching span but s.allocCount == 0");
  EXPECT_STREQ(words(FatalCode::kNonInUseSpanInUnsweptList), "non in-use span in unswept list");
}

TEST(Fault, FaultNamesAreUniqueAndFound) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < static_cast<size_t>(Fault::kCount); ++i) {
    const auto fault = static_cast<Fault>(i);
    EXPECT_TRUE(seen.insert(name(fault)).second) << name(fault);
    EXPECT_FALSE(describe(fault).empty()) << name(fault);
    EXPECT_EQ(find_fault(name(fault)), fault);
  }
  EXPECT_EQ(find_fault("no-such-fault"), std::nullopt);
  EXPECT_EQ(find_fault(""), std::nullopt);
}

TEST(Fault, NoFaultIsOnInProduction) {
  for (size_t i = 0; i < static_cast<size_t>(Fault::kCount); ++i) EXPECT_FALSE(fault(static_cast<Fault>(i)));
}

}  // namespace
}  // namespace sweepscope::engine
