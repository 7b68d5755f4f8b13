#include "workloads/runner/distribution.h"

#include <algorithm>
#include <cmath>

namespace sweepscope::workloads {

Distribution distribution(std::vector<double> values) {
  Distribution result;
  result.count = values.size();
  if (values.empty()) return result;
  std::ranges::sort(values);
  const auto rank = [&](double part) {
    const size_t nth = size_t(std::ceil(part * double(values.size())));
    return values[std::clamp<size_t>(nth, 1, values.size()) - 1];
  };
  result.p50 = rank(0.50);
  result.p90 = rank(0.90);
  result.p99 = rank(0.99);
  result.max = values.back();
  return result;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::optional<double> minimum_mutator_utilisation(std::span<const Interval> pauses, Interval run,
                                                  uint64_t window_ns) {
  if (run.end_ns <= run.begin_ns || window_ns == 0) return std::nullopt;
  const uint64_t window = std::min(window_ns, run.end_ns - run.begin_ns);
  const uint64_t last_begin = run.end_ns - window;

  // The worst window begins with a pause or ends with one. Prefix sums make the stopped time of a window two
  // binary searches.
  std::vector<uint64_t> stopped_before(pauses.size() + 1, 0);
  for (size_t i = 0; i < pauses.size(); ++i)
    stopped_before[i + 1] = stopped_before[i] + (pauses[i].end_ns - pauses[i].begin_ns);
  const auto stopped_until = [&](uint64_t t) {
    const auto next = std::ranges::upper_bound(pauses, t, {}, &Interval::begin_ns);
    const size_t begun = size_t(next - pauses.begin());
    if (begun == 0) return uint64_t{0};
    const Interval& last = pauses[begun - 1];
    return stopped_before[begun - 1] + (std::min(t, last.end_ns) - last.begin_ns);
  };
  uint64_t worst = stopped_until(run.begin_ns + window) - stopped_until(run.begin_ns);
  const auto consider = [&](uint64_t begin) {
    begin = std::clamp(begin, run.begin_ns, last_begin);
    worst = std::max(worst, stopped_until(begin + window) - stopped_until(begin));
  };
  for (const Interval& pause : pauses) {
    consider(pause.begin_ns);
    consider(pause.end_ns > window ? pause.end_ns - window : 0);
  }
  return 1.0 - double(worst) / double(window);
}

}  // namespace sweepscope::workloads
