// "1 span", "2 spans": a count with its noun, for every line of text that sweepctl prints.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

namespace sweepscope::workloads {

inline std::string counted(std::unsigned_integral auto number, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", number, number == 1 ? one : more);
}
// For a noun whose plural ends in s.
inline std::string counted(std::unsigned_integral auto number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace sweepscope::workloads
