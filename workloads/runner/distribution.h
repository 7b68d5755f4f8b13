// Statistics of durations: nearest-rank percentiles and minimum mutator utilisation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sweepscope::workloads {

struct Distribution {
  uint64_t count = 0;
  double p50 = 0, p90 = 0, p99 = 0, max = 0;  // meaningless when count == 0
};

// Nearest rank: every figure is one of the values. Any unit.
Distribution distribution(std::vector<double> values);
double median(std::vector<double> values);  // needs a value; of an even number, the mean of the middle two

struct Interval {
  uint64_t begin_ns, end_ns;
};

// Minimum mutator utilisation: over all windows of `window_ns` inside the run, the least fraction of the
// window that no pause covers. Pauses are disjoint and in order. For a run shorter than the window, the
// window is the run. None for an empty run.
std::optional<double> minimum_mutator_utilisation(std::span<const Interval> pauses, Interval run,
                                                  uint64_t window_ns);

}  // namespace sweepscope::workloads
