// Seeds of random tests: settable by SWEEPSCOPE_SEED, and named by every failure inside their scope.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace sweepscope::testing {

// `otherwise`, unless the environment names another.
inline uint64_t seed_or(uint64_t otherwise) {
  const char* text = std::getenv("SWEEPSCOPE_SEED");
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace sweepscope::testing

// In a test: names the seed in the messages of every failure below, and in the test's report.
#define SWEEPSCOPE_TRACE_SEED(seed)                                               \
  SCOPED_TRACE(::testing::Message() << "repeat with SWEEPSCOPE_SEED=" << (seed)); \
  ::testing::Test::RecordProperty("seed", std::to_string(seed))
