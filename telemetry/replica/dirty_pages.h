// Pages whose picture may have changed, as coalesced runs; the dashboard repaints them. Single-threaded.
//
// Bounded without a consumer: kMaxRuns runs are coalesced, and if half of them are left, one run replaces
// them all.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace sweepscope::telemetry {

class DirtyPages {
 public:
  using Run = std::pair<uint32_t, uint32_t>;  // [first, last)

  void add(uint32_t first, uint32_t last) {
    if (first >= last) return;
    if (!runs_.empty() && first <= runs_.back().second && last >= runs_.back().first) {
      runs_.back().first = std::min(runs_.back().first, first);
      runs_.back().second = std::max(runs_.back().second, last);
      return;
    }
    runs_.emplace_back(first, last);
    if (runs_.size() >= kMaxRuns) shrink();
  }

  std::vector<Run> take() {
    coalesce();
    return std::exchange(runs_, {});
  }

 private:
  static constexpr size_t kMaxRuns = 16384;

  void coalesce() {
    std::sort(runs_.begin(), runs_.end());
    size_t kept = 0;
    for (const Run& run : runs_) {
      if (kept > 0 && run.first <= runs_[kept - 1].second)
        runs_[kept - 1].second = std::max(runs_[kept - 1].second, run.second);
      else
        runs_[kept++] = run;
    }
    runs_.resize(kept);
  }

  void shrink() {
    coalesce();
    if (runs_.size() >= kMaxRuns / 2) runs_ = {{runs_.front().first, runs_.back().second}};
  }

  std::vector<Run> runs_;
};

}  // namespace sweepscope::telemetry
