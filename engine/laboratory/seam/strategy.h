// Decides which fiber runs next. Called by the Scheduler at every step, on the stack of the fiber that
// reached it; a strategy allocates nothing there and accesses no word of the engine.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/base/driver.h"
#include "engine/laboratory/seam/footprint.h"

namespace sweepscope::laboratory {

struct Candidate {  // an enabled fiber, and the access it will make if it is picked
  uint32_t fiber;
  const engine::Access* next;
};

inline constexpr uint32_t kNoFit = ~0u;  // a fixed sequence of decisions does not fit this run: see misfit()

class Strategy {
 public:
  virtual ~Strategy() = default;

  // An index into `enabled`, which is never empty and is ordered by fiber, or kNoFit.
  virtual uint32_t pick(std::span<const Candidate> enabled) = 0;

  // A value in [0, n) or kNoFit, for a data choice of `fiber`; n > 0.
  virtual uint32_t choose(uint32_t fiber, engine::Step what, uint32_t n) = 0;

  // The footprint of the last step; only in runs with RunSettings::footprints.
  virtual void took(Footprint& /*of_last_step*/) {}

  // After kNoFit: one line with the expected and the found decision.
  virtual std::string misfit() const { return {}; }
};

}  // namespace sweepscope::laboratory
