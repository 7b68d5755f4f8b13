// A value, or an error of one line: what failed, why, and what to do.
// Invalid input from outside is an error value, never an exception.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace sweepscope::telemetry {

struct Error {
  std::string message;
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace sweepscope::telemetry
