// A value, or an error of one line: what failed, why, and what to do.
// Invalid input from outside is an error value, never an exception.
#pragma once

#include <string>
#include <string_view>
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

// The wording of a failed file operation, the same in telemetry, sweepctl and the dashboard.
// `action`: "open", "read" or "write"; `reason`: that of the system, as strerror() returns it.
inline std::string file_error(std::string_view action, std::string_view file, std::string_view reason) {
  std::string text = "Cannot ";
  text.append(action).append(" ").append(file).append(": ").append(reason).append(".");
  return text;
}

}  // namespace sweepscope::telemetry
