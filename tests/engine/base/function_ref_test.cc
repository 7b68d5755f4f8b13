// FunctionRef and InlineFunction: which closure they call, and with what.
#include "engine/base/function_ref.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace sweepscope::engine {
namespace {

int twice(FunctionRef<int(int)> f) { return f(1) + f(10); }

TEST(FunctionRef, CallsTheClosureItselfAndNotACopy) {
  int calls = 0;
  auto count = [&calls, own = 0](int n) mutable {
    ++calls;
    return n + own++;
  };
  EXPECT_EQ(twice(count), 12);  // 1 + 0, 10 + 1
  EXPECT_EQ(twice(count), 16);
  EXPECT_EQ(calls, 4);
  const auto constant = [](int n) { return -n; };
  EXPECT_EQ(twice(constant), -11);
}

TEST(FunctionRef, ClosureMayBeOfAnySize) {
  struct {
    int of[100];
  } large{};
  large.of[99] = 5;
  EXPECT_EQ(twice([large](int n) { return n * large.of[99]; }), 55);
}

TEST(FunctionRef, PassesReferencesAndMovesValues) {
  std::unique_ptr<int> kept;
  int seen = 0;
  const auto take = [&](int& out, std::unique_ptr<int> value) {
    out = *value;
    kept = std::move(value);
  };
  const FunctionRef<void(int&, std::unique_ptr<int>)> taker = take;
  taker(seen, std::make_unique<int>(7));
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(*kept, 7);
}

TEST(FunctionRef, OfNothingDoesNothing) { FunctionRef<void(int)>()(3); }

TEST(InlineFunction, OwnsItsClosure) {
  InlineFunction<int(int)> f;
  {
    const int a = 40, b = 2;
    f = [a, b](int n) { return n * (a + b); };
  }
  InlineFunction<int(int)> copy = f;
  f = [](int n) { return n; };
  EXPECT_EQ(copy(10), 420);
  EXPECT_EQ(f(10), 10);
}

}  // namespace
}  // namespace sweepscope::engine
