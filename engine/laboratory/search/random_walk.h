// Picks uniformly among the enabled fibers and the values of a choice. One seed, one walk.
#pragma once

#include "engine/base/random.h"
#include "engine/laboratory/seam/strategy.h"

namespace sweepscope::laboratory {

class RandomWalk final : public Strategy {
 public:
  explicit RandomWalk(uint64_t seed) : random_(seed) {}

  uint32_t pick(std::span<const Candidate> enabled) override {
    return enabled.size() == 1 ? 0 : random_.below(static_cast<uint32_t>(enabled.size()));
  }
  uint32_t choose(uint32_t, engine::Step, uint32_t n) override { return random_.below(n); }

 private:
  engine::Random random_;
};

}  // namespace sweepscope::laboratory
