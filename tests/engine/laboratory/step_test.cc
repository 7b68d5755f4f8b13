// In the laboratory a step's id is the hash of its text: ids need no list and stay the same between builds.
#include "engine/base/step.h"

#include <gtest/gtest.h>

namespace sweepscope::engine {
namespace {

TEST(Step, IdIsTheHashOfItsText) {
  constexpr Step step("refill: mark cached, sweepgen := h+3");
  uint32_t hash = 2166136261u;  // FNV-1a, offset basis and prime of its authors
  for (const char* c = step.name; *c != '\0'; ++c) hash = (hash ^ static_cast<uint8_t>(*c)) * 16777619u;
  EXPECT_EQ(step.id, hash);
  EXPECT_EQ(Step("a").id, 0xE40C292Cu);  // published test vector
  EXPECT_EQ(Step("").id, 0x811C9DC5u);
}

}  // namespace
}  // namespace sweepscope::engine
