// The number of operations of a random program: SWEEPSCOPE_TEST_OPERATIONS, or what CI has time for.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace sweepscope::testing {

inline uint64_t operations_or(uint64_t otherwise) {
  const char* text = std::getenv("SWEEPSCOPE_TEST_OPERATIONS");
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace sweepscope::testing
