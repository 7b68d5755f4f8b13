#include "engine/laboratory/search/shrink.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sweepscope::laboratory {
namespace {

// A schedule reduced to which fiber runs for how many steps, and the choices of each fiber. Unlike a
// schedule, a changed plan can still be followed.
struct Stretch {
  uint32_t fiber;
  uint32_t steps;
};
struct Plan {
  std::vector<Stretch> stretches;
  std::vector<std::vector<uint32_t>> choices;  // by fiber, in order
};

Plan plan_of(const Schedule& schedule) {
  Plan plan;
  for (const ScheduledStep& step : schedule.steps) {
    if (step.fiber >= plan.choices.size()) plan.choices.resize(step.fiber + 1);
    if (step.choice) {
      plan.choices[step.fiber].push_back(*step.choice);
    } else if (!plan.stretches.empty() && plan.stretches.back().fiber == step.fiber) {
      ++plan.stretches.back().steps;
    } else {
      plan.stretches.push_back({step.fiber, 1});
    }
  }
  return plan;
}

// Follows a plan as far as possible: a stretch ends when its fiber cannot run; after the last stretch the
// fiber that ran last continues, else the first enabled one.
class FollowPlan final : public Strategy {
 public:
  explicit FollowPlan(const Plan& plan) : plan_(plan), chosen_(plan.choices.size(), 0) {}

  uint32_t pick(std::span<const Candidate> enabled) override {
    for (; stretch_ < plan_.stretches.size(); ++stretch_, taken_ = 0) {
      const Stretch& stretch = plan_.stretches[stretch_];
      if (taken_ == stretch.steps) continue;
      const uint32_t index = find(enabled, stretch.fiber);
      if (index == kNoFit) continue;
      ++taken_;
      last_ = stretch.fiber;
      return index;
    }
    const uint32_t same = find(enabled, last_);
    const uint32_t index = same != kNoFit ? same : 0;
    last_ = enabled[index].fiber;
    return index;
  }

  uint32_t choose(uint32_t fiber, engine::Step, uint32_t n) override {
    if (fiber >= chosen_.size() || chosen_[fiber] == plan_.choices[fiber].size()) return 0;
    return plan_.choices[fiber][chosen_[fiber]++] % n;
  }

 private:
  static uint32_t find(std::span<const Candidate> enabled, uint32_t fiber) {
    for (uint32_t i = 0; i < enabled.size(); ++i)
      if (enabled[i].fiber == fiber) return i;
    return kNoFit;
  }

  const Plan& plan_;
  size_t stretch_ = 0;
  uint32_t taken_ = 0;
  uint32_t last_ = 0;
  std::vector<size_t> chosen_;
};

class Shrinker {
 public:
  Shrinker(Experiment& experiment, const Schedule& schedule)
      : experiment_(experiment), best_(schedule), cost_(cost_of(schedule)) {}

  Schedule shrink() {
    while (improve()) {
    }
    return best_;
  }

 private:
  using Cost = std::pair<size_t, size_t>;  // switches, steps

  static Cost cost_of(const Schedule& schedule) {
    return {plan_of(schedule).stretches.size(), schedule.steps.size()};
  }

  // Tries changes to the best schedule so far; the first that shortens it becomes the best.
  bool improve() {
    const Plan plan = plan_of(best_);
    for (size_t i = 0; i < plan.stretches.size(); ++i) {
      // Remove a stretch (its steps then run later, when no other fiber can), or merge it with the next or
      // the previous one of its fiber.
      Plan without = plan;
      without.stretches.erase(without.stretches.begin() + static_cast<ptrdiff_t>(i));
      if (helps(without)) return true;
      for (size_t j = i + 1; j < plan.stretches.size(); ++j) {
        if (plan.stretches[j].fiber != plan.stretches[i].fiber) continue;
        Plan earlier = plan;
        earlier.stretches[i].steps += plan.stretches[j].steps;
        earlier.stretches.erase(earlier.stretches.begin() + static_cast<ptrdiff_t>(j));
        if (helps(earlier)) return true;
        Plan later = plan;
        later.stretches[j].steps += plan.stretches[i].steps;
        later.stretches.erase(later.stretches.begin() + static_cast<ptrdiff_t>(i));
        if (helps(later)) return true;
        break;
      }
    }
    for (size_t fiber = 0; fiber < plan.choices.size(); ++fiber)
      for (size_t i = 0; i < plan.choices[fiber].size(); ++i) {
        Plan fewer = plan;
        fewer.choices[fiber].erase(fewer.choices[fiber].begin() + static_cast<ptrdiff_t>(i));
        if (helps(fewer)) return true;
        for (uint32_t value = 0; value < plan.choices[fiber][i]; ++value) {
          Plan simpler = plan;
          simpler.choices[fiber][i] = value;
          if (helps(simpler)) return true;
        }
      }
    return false;
  }

  bool helps(const Plan& plan) {
    if (runs_ == kShrinkRuns) return false;
    ++runs_;
    FollowPlan strategy(plan);
    const RunReport report = experiment_.run(strategy, Experiment::FairTail::kYes);
    if (report.outcome != Outcome::kViolation || report.violation.rule != best_.violation) return false;
    Schedule candidate = experiment_.schedule(best_.seed, report);
    const Cost cost = cost_of(candidate);
    if (cost >= cost_) return false;
    best_ = std::move(candidate);
    cost_ = cost;
    return true;
  }

  Experiment& experiment_;
  Schedule best_;
  Cost cost_;
  uint32_t runs_ = 0;
};

}  // namespace

Schedule shrink(Experiment& experiment, const Schedule& schedule) {
  return Shrinker(experiment, schedule).shrink();
}

}  // namespace sweepscope::laboratory
