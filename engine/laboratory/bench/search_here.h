// Search from here: for a violation by a schedule that begins with a given prefix, which is never shortened.
//
// Two searches in turn, in slices: random walks and priorities (as `explore --strategy mix`), and every schedule with at
// most 0, 1, then 2 preemptions after the prefix. So there are three answers: a counterexample; none, complete within
// the bounds; not found in time, which proves nothing.
//
// After its first counterexample it looks at up to kFurther more, within schedules_further() schedules and 2 s, and keeps
// the one that is best to learn from (explorer.h). None is shortened. A search that has found one ends with it, also if
// its time is up.
//
// Used by the bench session, on one OS thread; other runs may be made on it between slices.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/laboratory/bench/branch_tree.h"
#include "engine/laboratory/search/aftermath.h"
#include "engine/laboratory/search/experiment.h"
#include "engine/laboratory/search/source.h"

namespace sweepscope::laboratory {

class SearchHere {
 public:
  static constexpr uint32_t kMostPreemptions = 2;
  static constexpr double kMostFurtherSeconds = 2;

  SearchHere(Setup setup, std::vector<Decision> prefix, uint64_t seed, double seconds);
  ~SearchHere();

  enum class Progress : uint8_t { kMore, kFound, kNothing, kTimeIsUp };
  Progress search(double seconds);  // at most so long, and not beyond the time of the whole search

  // kFound:
  const std::vector<Decision>& found() const { return best_->decisions; }  // all of it, the prefix included
  const Violation& violation() const { return best_->violation; }
  const Aftermath& aftermath() const { return best_->aftermath; }
  bool stale() const { return best_->stale; }  // a stale span existed
  uint32_t chosen_of() const { return met_; }  // counterexamples looked at
  std::string bounds()
      const;  // that were completed: "2 Ps, 1 span, ..., preemptions after here <= 2"; empty: none
  uint64_t schedules() const { return schedules_; }
  uint64_t steps() const { return steps_; }
  double seconds() const;  // spent in search()

 private:
  class FromPrefix;
  using Clock = std::chrono::steady_clock;

  struct Met {
    std::vector<Decision> decisions;
    Violation violation;
    Aftermath aftermath;
    bool stale = false;
  };

  bool run_one(Source& source, uint64_t index);  // false: the source has no schedule left
  RunReport run(Strategy& strategy);
  void meet(const RunReport& report);
  bool goes_further(double spent) const;  // after the first counterexample

  Experiment experiment_;
  Experiment
      replays_;  // for had_stale_span(): experiment_ holds the copy of the run that the search starts from
  const std::vector<Decision> prefix_;
  const double limit_;
  std::unique_ptr<Source> lottery_, exhaustive_;
  uint64_t lottery_runs_ = 0, exhaustive_runs_ = 0;
  uint64_t schedules_ = 0, steps_ = 0;
  double spent_ = 0;
  std::optional<Met> best_;
  uint32_t met_ = 0;
  uint64_t first_after_ = 0;  // schedules up to the first counterexample
  double first_spent_ = 0;    // seconds
};

}  // namespace sweepscope::laboratory
