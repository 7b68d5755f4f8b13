// Handles that are not nested, and handles that outlive their thread.
#include <gtest/gtest.h>

#include <memory>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using Handle = Local<std::byte>;

TEST(ShadowStackDeathTest, HandlesThatAreNotNested) {
  WhiteBox box;
  Mutator mutator(box.m(), box.runtime());
  EXPECT_FATAL(
      {
        auto first = std::make_unique<Handle>(mutator);
        Handle second(mutator);
        first.reset();
      },
      "misuse of the API");
}

TEST(ShadowStackDeathTest, HandleThatOutlivesItsThread) {
  WhiteBox box;
  Mutator mutator(box.m(), box.runtime());
  EXPECT_FATAL(
      {
        Handle handle(mutator);
        box.m().stack.give_back(box.m());
      },
      "misuse of the API");
}

}  // namespace
}  // namespace sweepscope::engine
