// Follows a schedule exactly. Where the run and the schedule differ, it stops and reports the step, the
// expected and the found decision.
#pragma once

#include <string>
#include <vector>

#include "engine/laboratory/seam/strategy.h"
#include "engine/laboratory/search/schedule.h"

namespace sweepscope::laboratory {

class Replay final : public Strategy {
 public:
  explicit Replay(const Schedule& schedule);

  uint32_t pick(std::span<const Candidate> enabled) override;
  uint32_t choose(uint32_t fiber, engine::Step what, uint32_t n) override;
  std::string misfit() const override { return misfit_; }

  size_t position() const { return position_; }  // steps followed so far

 private:
  uint32_t refuse(const std::string& found);

  const Schedule& schedule_;
  std::vector<uint32_t> ids_;  // of the steps' names
  size_t position_ = 0;
  std::string misfit_;
};

}  // namespace sweepscope::laboratory
