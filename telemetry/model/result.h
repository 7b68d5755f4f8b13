// A value, or one clear line that says what was wrong and what to do.
// Bad input from outside never throws past this.
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
