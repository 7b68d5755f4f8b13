// A value, or a one-line error message. Workloads and the runner report bad input with it.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace sweepscope::workloads {

template <class T = void>
using Expected = tl::expected<T, std::string>;

inline tl::unexpected<std::string> wrong(std::string message) {
  return tl::unexpected<std::string>(std::move(message));
}

}  // namespace sweepscope::workloads
