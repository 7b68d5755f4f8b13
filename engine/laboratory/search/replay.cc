#include "engine/laboratory/search/replay.h"

namespace sweepscope::laboratory {

Replay::Replay(const Schedule& schedule) : schedule_(schedule) {
  ids_.reserve(schedule.steps.size());
  for (const ScheduledStep& step : schedule.steps) ids_.push_back(step_id(step.name));
}

uint32_t Replay::pick(std::span<const Candidate> enabled) {
  if (position_ == ids_.size()) return refuse("the run continues");
  const ScheduledStep& expected = schedule_.steps[position_];
  if (!expected.choice)
    for (uint32_t i = 0; i < enabled.size(); ++i)
      if (enabled[i].fiber == expected.fiber && enabled[i].next->step.id == ids_[position_]) {
        ++position_;
        return i;
      }
  std::string found = "enabled:";
  for (const Candidate& candidate : enabled)
    found += (&candidate == &enabled[0] ? " " : ", ") + std::to_string(candidate.fiber) + " " +
             candidate.next->step.name;
  return refuse(found);
}

uint32_t Replay::choose(uint32_t fiber, engine::Step what, uint32_t n) {
  auto asked = [&] {
    return "fiber " + std::to_string(fiber) + " chooses '" + what.name + "' below " + std::to_string(n);
  };
  if (position_ == ids_.size()) return refuse(asked());
  const ScheduledStep& expected = schedule_.steps[position_];
  if (expected.fiber != fiber || ids_[position_] != what.id || !expected.choice || *expected.choice >= n)
    return refuse(asked());
  ++position_;
  return *expected.choice;
}

uint32_t Replay::refuse(const std::string& found) {
  misfit_ = "the schedule does not fit at step " + std::to_string(position_ + 1) + ": expected ";
  if (position_ == ids_.size()) {
    misfit_ += "the end";
  } else {
    const ScheduledStep& step = schedule_.steps[position_];
    misfit_ += "'" + std::to_string(step.fiber) + " " + step.name;
    if (step.choice) misfit_ += " [" + std::to_string(*step.choice) + "]";
    misfit_ += "'";
  }
  misfit_ += "; " + found;
  return kNoFit;
}

}  // namespace sweepscope::laboratory
