// A breakpoint: ends a run step. Pure data and its text form.
//
//   rule I1    the rule is violated and noted
//   arc T7     the thread makes that arc
//   span 3     the thread accesses a word of that span
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sweepscope::laboratory {

struct Breakpoint {
  enum class Kind : uint8_t { kRule, kArc, kSpan };
  Kind kind;
  std::string name;   // kRule, kArc
  uint32_t span = 0;  // kSpan
  std::string text() const;
};

struct ParsedBreakpoint {
  std::optional<Breakpoint> breakpoint;
  std::string error;  // one line
};
ParsedBreakpoint parse_breakpoint(std::string_view text);

}  // namespace sweepscope::laboratory
