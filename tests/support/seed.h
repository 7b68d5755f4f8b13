// Seeds of random tests: set by SWEEPSCOPE_TEST_SEED, and printed by every failure inside their scope.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace sweepscope::testing {

// The environment's seed, or `otherwise`.
inline uint64_t seed_or(uint64_t otherwise) {
  const char* text = std::getenv("SWEEPSCOPE_TEST_SEED");
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace sweepscope::testing

// In a test: adds the seed to every later failure message and to the test's report.
#define SWEEPSCOPE_TRACE_SEED(seed)                                                    \
  SCOPED_TRACE(::testing::Message() << "repeat with SWEEPSCOPE_TEST_SEED=" << (seed)); \
  ::testing::Test::RecordProperty("seed", std::to_string(seed))
