// The parameters of a workload: described once, parsed from --set KEY=VALUE, checked here, printed by
// `sweepctl list`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/expected.h"

namespace sweepscope::workloads {

struct Parameter {
  struct Range {
    uint64_t least, most;
  };
  std::string_view name;
  std::string_view default_value;  // empty for a text: required
  std::string_view meaning;        // with its unit
  std::optional<Range> range;      // present: an integer; absent: a text
};

class ParameterValues {
 public:
  // Sets every parameter, from `settings` ("KEY=VALUE", the last one of a key wins) or its default. Fails on
  // an unknown key, a value out of range or a missing text.
  static Expected<ParameterValues> parse(std::span<const Parameter> parameters,
                                         std::span<const std::string> settings);

  uint64_t integer(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace sweepscope::workloads
