#include "engine/laboratory/bench/breakpoint.h"

#include <charconv>

#include "engine/laboratory/seam/check_modes.h"

namespace sweepscope::laboratory {

std::string Breakpoint::text() const {
  switch (kind) {
    case Kind::kRule: return "rule " + name;
    case Kind::kArc: return "arc " + name;
    case Kind::kSpan: break;
  }
  return "span " + std::to_string(span);
}

ParsedBreakpoint parse_breakpoint(std::string_view text) {
  const size_t space = text.find(' ');
  const std::string_view kind = text.substr(0, space);
  const std::string_view value =
      space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  const std::string quoted = "'" + std::string(text.substr(0, 80)) + "'";
  if (kind == "rule") {
    CheckModes any;
    if (any.set(std::string(value) + "=note").empty() && value != "engine" && value != "oracle")
      return {Breakpoint{Breakpoint::Kind::kRule, std::string(value)}, {}};
    return {std::nullopt, "unknown rule in the breakpoint " + quoted};
  }
  if (kind == "arc") {
    for (int arc = 1; arc <= 10; ++arc)
      if (value == "T" + std::to_string(arc))
        return {Breakpoint{Breakpoint::Kind::kArc, std::string(value)}, {}};
    return {std::nullopt, "unknown arc in the breakpoint " + quoted + ": there are T1 to T10"};
  }
  if (kind == "span") {
    uint32_t span = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), span);
    if (error == std::errc() && end == value.data() + value.size() && !value.empty())
      return {Breakpoint{Breakpoint::Kind::kSpan, {}, span}, {}};
    return {std::nullopt, "the breakpoint " + quoted + " has no span's number"};
  }
  return {std::nullopt, "a breakpoint is 'rule I1', 'arc T7' or 'span 3', not " + quoted};
}

}  // namespace sweepscope::laboratory
