// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte 2010): every fiber gets a
// random priority, the enabled fiber of the highest priority runs, and at depth - 1 random steps the running
// fiber drops below all others. A violation that needs `depth` ordering constraints is found with probability
// at least 1 / (fibers * steps^(depth - 1)): long stalls of one fiber, which are rare in a uniform walk, are
// common here. Choices are uniform.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "engine/base/random.h"
#include "engine/laboratory/seam/strategy.h"

namespace sweepscope::laboratory {

class Pct final : public Strategy {
 public:
  static constexpr uint32_t kDefaultDepth = 3;
  static constexpr uint32_t kMaxDepth = 8;

  // `steps`: the approximate length of a run; later change points would never be reached.
  Pct(uint64_t seed, uint32_t depth, uint32_t steps)
      : random_(seed), changes_(std::min(depth, kMaxDepth) - 1) {
    for (uint32_t i = 0; i < changes_; ++i) change_at_[i] = 1 + random_.below(std::max(steps, 1u));
  }

  uint32_t pick(std::span<const Candidate> enabled) override {
    ++step_;
    uint32_t best = highest(enabled);
    for (uint32_t i = 0; i < changes_; ++i) {
      if (change_at_[i] != step_) continue;
      priority_[enabled[best].fiber] =
          changes_ - i;  // below every first priority, each change lower than the last
      best = highest(enabled);
    }
    return best;
  }

  uint32_t choose(uint32_t, engine::Step, uint32_t n) override { return random_.below(n); }

 private:
  uint32_t highest(std::span<const Candidate> enabled) {
    uint32_t best = 0;
    for (uint32_t i = 0; i < enabled.size(); ++i)
      if (priority(enabled[i].fiber) > priority(enabled[best].fiber)) best = i;
    return best;
  }
  uint32_t priority(uint32_t fiber) {
    while (fiber >= priority_.size()) priority_.push_back(kMaxDepth + random_.below(1u << 30));
    return priority_[fiber];
  }

  engine::Random random_;
  uint32_t changes_;
  std::array<uint64_t, kMaxDepth> change_at_{};
  uint64_t step_ = 0;
  std::vector<uint32_t> priority_;  // by fiber
};

}  // namespace sweepscope::laboratory
