// Who runs next: the one decision of a run that is not the engine's. Called by the Scheduler at every step,
// on the stack of whatever fiber reached it; a strategy allocates nothing there and touches no engine word.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/base/driver.h"
#include "engine/laboratory/footprint.h"

namespace sweepscope::laboratory {

struct Candidate {  // a fiber that may run now, and the access it will make if it is picked
  uint32_t fiber;
  const engine::Access* next;
};

inline constexpr uint32_t kNoFit = ~0u;  // a fixed sequence of decisions does not fit this run: see misfit()

class Strategy {
 public:
  virtual ~Strategy() = default;

  // An index into `enabled`, which is never empty and is ordered by fiber, or kNoFit.
  virtual uint32_t pick(std::span<const Candidate> enabled) = 0;

  // A value in [0, n) or kNoFit. `fiber` asks; n > 0.
  virtual uint32_t choose(uint32_t fiber, engine::Step what, uint32_t n) = 0;

  // What the step that was just taken touched; only in runs with RunSettings::footprints.
  virtual void took(Footprint& /*of_last_step*/) {}

  // After kNoFit: one line that says what was expected and what was there.
  virtual std::string misfit() const { return {}; }
};

}  // namespace sweepscope::laboratory
