#include "workloads/counted.h"

#include <gtest/gtest.h>

namespace sweepscope::workloads {
namespace {

TEST(Counted, OnlyOneIsSingular) {
  EXPECT_EQ(counted(0u, "span"), "0 spans");
  EXPECT_EQ(counted(1u, "span"), "1 span");
  EXPECT_EQ(counted(uint64_t{2}, "span"), "2 spans");
  EXPECT_EQ(counted(1u, "switch", "switches"), "1 switch");
  EXPECT_EQ(counted(3u, "switch", "switches"), "3 switches");
}

}  // namespace
}  // namespace sweepscope::workloads
