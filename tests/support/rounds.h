// The rounds of a fuzz test: `fuzz_rounds(n)` = n in CI; SWEEPSCOPE_TEST_ROUNDS=K in the environment
// multiplies them by K (ctest -L long: 20).
#pragma once

#include <algorithm>
#include <cstdlib>

namespace sweepscope {

inline int fuzz_rounds(int in_ci) {
  const char* factor = std::getenv("SWEEPSCOPE_TEST_ROUNDS");
  return in_ci * std::clamp(factor == nullptr ? 1 : std::atoi(factor), 1, 1000);
}

}  // namespace sweepscope
