// Search from here: for a violation by a schedule that begins with a given prefix, which is never shortened.
//
// Two searches in turn, in slices: random walks and priorities (as `explore --strategy mix`), and every schedule with at
// most 0, 1, then 2 preemptions after the prefix. So there are three answers: a counterexample; none, complete within
// the bounds; not found in time, which proves nothing.
//
// Used by the bench session, on one OS thread; other runs may be made on it between slices.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/laboratory/bench/branch_tree.h"
#include "engine/laboratory/search/experiment.h"
#include "engine/laboratory/search/source.h"

namespace sweepscope::laboratory {

class SearchHere {
 public:
  static constexpr uint32_t kMostPreemptions = 2;

  SearchHere(Setup setup, std::vector<Decision> prefix, uint64_t seed, double seconds);
  ~SearchHere();

  enum class Progress : uint8_t { kMore, kFound, kNothing, kTimeIsUp };
  Progress search(double seconds);  // at most so long, and not beyond the time of the whole search

  const std::vector<Decision>& found() const { return found_; }  // kFound: all of it, the prefix included
  const Violation& violation() const { return violation_; }
  std::string bounds()
      const;  // that were completed: "2 Ps, 1 span, ..., preemptions after here <= 2"; empty: none
  uint64_t schedules() const { return schedules_; }
  uint64_t steps() const { return steps_; }
  double seconds() const;  // spent in search()

 private:
  class FromPrefix;
  using Clock = std::chrono::steady_clock;

  bool run_one(Source& source, uint64_t index);  // false: the source has no schedule left
  RunReport run(Strategy& strategy);

  Experiment experiment_;
  const std::vector<Decision> prefix_;
  const double limit_;
  std::unique_ptr<Source> lottery_, exhaustive_;
  uint64_t lottery_runs_ = 0, exhaustive_runs_ = 0;
  uint64_t schedules_ = 0, steps_ = 0;
  double spent_ = 0;
  std::vector<Decision> found_;
  Violation violation_;
};

}  // namespace sweepscope::laboratory
