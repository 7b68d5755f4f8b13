// A Global is a root from its construction to its destruction, in any order of destruction.
#include "engine/gc/mark/roots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <vector>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

constexpr size_t kGlobals = 4;

struct GlobalRootsTest : ::testing::Test {
  WhiteBox box;
  Mutator mutator{box.m(), box.runtime()};
  std::array<std::unique_ptr<Global<std::byte>>, kGlobals> globals;

  void make(size_t i) {
    globals[i] = std::make_unique<Global<std::byte>>(*box.engine);
    globals[i]->set(mutator, make_bytes(mutator, 16));
  }
  void expect_those_left(const char* after) {
    std::multiset<uintptr_t> expected, found;
    for (const auto& global : globals)
      if (global != nullptr) expected.insert(reinterpret_cast<uintptr_t>(global->get()));
    box.runtime().globals.for_each(box.m(), [&](uintptr_t root) { found.insert(root); });
    ASSERT_EQ(found, expected) << after;
  }
};

TEST_F(GlobalRootsTest, EndInAnyOrder) {
  std::array<size_t, kGlobals> order{0, 1, 2, 3};
  do {
    for (size_t i = 0; i < kGlobals; ++i) make(i);
    expect_those_left("all are made");
    for (const size_t i : order) {
      globals[i].reset();
      expect_those_left("one ended");
      if (HasFatalFailure()) return;
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(GlobalRootsTest, RootsMadeAfterAnotherEndedAreScanned) {
  for (size_t first = 0; first < kGlobals; ++first)
    for (size_t second = 0; second < kGlobals; ++second) {
      for (size_t i = 0; i < kGlobals; ++i) make(i);
      globals[first].reset();
      make(first);
      globals[second].reset();
      expect_those_left("one ended, was made again, and another ended");
      for (auto& global : globals) global.reset();
      expect_those_left("all ended");
      if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace sweepscope::engine
