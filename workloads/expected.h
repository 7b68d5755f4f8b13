// A value, or one line with the reason why there is none. How workloads and the runner report bad input.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace sweepscope::workloads {

template <class T = void>
using Expected = tl::expected<T, std::string>;

inline tl::unexpected<std::string> wrong(std::string sentence) {
  return tl::unexpected<std::string>(std::move(sentence));
}

}  // namespace sweepscope::workloads
