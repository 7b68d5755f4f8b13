#include "workloads/parameter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace sweepscope::workloads {
namespace {

std::optional<uint64_t> parse_integer(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string names_of(std::span<const Parameter> parameters) {
  std::vector<std::string_view> names;
  for (const Parameter& parameter : parameters) names.push_back(parameter.name);
  return names.empty() ? "it has none" : fmt::format("it has {}", fmt::join(names, ", "));
}

}  // namespace

Expected<ParameterValues> ParameterValues::parse(std::span<const Parameter> parameters,
                                                 std::span<const std::string> settings) {
  ParameterValues parsed;
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos) return wrong(fmt::format("--set {}: expected KEY=VALUE", setting));
    const std::string key = setting.substr(0, equals);
    if (std::ranges::none_of(parameters, [&](const Parameter& p) { return p.name == key; }))
      return wrong(fmt::format("--set {}: the workload has no parameter '{}' ({})", setting, key,
                               names_of(parameters)));
    parsed.values_[key] = setting.substr(equals + 1);
  }
  for (const Parameter& parameter : parameters) {
    const auto [at, missing] =
        parsed.values_.emplace(std::string(parameter.name), std::string(parameter.default_value));
    const std::string& value = at->second;
    if (!parameter.range) {
      if (value.empty())
        return wrong(fmt::format("parameter '{0}' is required ({1}): give --set {0}=...", parameter.name,
                                 parameter.meaning));
      continue;
    }
    const std::optional<uint64_t> number = parse_integer(value);
    if (!number || *number < parameter.range->least || *number > parameter.range->most)
      return wrong(fmt::format("--set {}={}: expected an integer from {} to {}", parameter.name, value,
                               parameter.range->least, parameter.range->most));
  }
  return parsed;
}

uint64_t ParameterValues::integer(std::string_view name) const { return *parse_integer(text(name)); }

const std::string& ParameterValues::text(std::string_view name) const { return values_.find(name)->second; }

}  // namespace sweepscope::workloads
