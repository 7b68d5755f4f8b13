// A seeded generator (xoshiro256**, Blackman and Vigna 2018). In the laboratory choose() is a data choice of
// the schedule instead.
#pragma once

#include <bit>
#include <cstdint>

#include "engine/base/step.h"
#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {  // splitmix64, so that similar seeds give different streams
      seed += 0x9E3779B97F4A7C15u;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
      word = z ^ (z >> 31);
    }
  }

  uint64_t next() {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, n), n > 0. Lemire's multiplication; the bias of 2^-32 does not matter to a workload.
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(((next() >> 32) * n) >> 32); }

  uint32_t choose(Step what, uint32_t n) {
#ifdef SWEEPSCOPE_LABORATORY
    if (driver() != nullptr) return driver()->choose(what, n);
#endif
    return below(n);
  }

#ifdef SWEEPSCOPE_LABORATORY
  // With names for the alternatives, for a person that takes the choice.
  uint32_t choose(Step what, std::span<const std::string_view> names) {
    if (driver() != nullptr) driver()->name_alternatives(names);
    return choose(what, static_cast<uint32_t>(names.size()));
  }
#endif

 private:
  uint64_t state_[4];
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
