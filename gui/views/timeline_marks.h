// Finds the marks that may be visible. Pure.
#pragma once

#include <algorithm>
#include <vector>

namespace sweepscope::gui {

// The first element of a time-ordered vector that may be visible from `ns` on: the one before the first that
// begins later.
template <class T, class Time>
auto visibleFrom(const std::vector<T>& marks, double ns, Time time) {
  auto it = std::lower_bound(marks.begin(), marks.end(), ns,
                             [&](const T& m, double t) { return static_cast<double>(time(m)) < t; });
  return it == marks.begin() ? it : it - 1;
}

}  // namespace sweepscope::gui
