#include "engine/laboratory/seam/check_modes.h"

#include <algorithm>
#include <optional>

namespace sweepscope::laboratory {
namespace {

std::optional<CheckMode> find_mode(std::string_view name) {
  if (name == "stop") return CheckMode::kStop;
  if (name == "note") return CheckMode::kNote;
  if (name == "off") return CheckMode::kOff;
  return std::nullopt;
}

std::optional<uint32_t> find_oracle_rule(std::string_view name) {
  for (uint32_t rule = 1; rule < kOracleRules; ++rule)
    if (name == rule_name(rule)) return rule;
  return std::nullopt;
}

std::optional<size_t> find_check(std::string_view words) {
  for (size_t code = 0; code < static_cast<size_t>(engine::FatalCode::kCount); ++code)
    if (words == engine::words(static_cast<engine::FatalCode>(code))) return code;
  return std::nullopt;
}

}  // namespace

std::string rule_name(uint32_t oracle_rule) {
  switch (oracle_rule) {
    case kAccounting: return "accounting";
    case kContents: return "contents";
    case kFinalizers: return "finalizers";
    case kPacing: return "pacing";
    case kCredit: return "credit";
    case kBudget: return "budget";
    case kPermits: return "permits";
    case kCrew: return "crew";
    default: return "I" + std::to_string(oracle_rule);
  }
}

std::string CheckModes::set(std::string_view setting) {
  const size_t equals = setting.rfind('=');  // the last one: the words of a check may contain others
  if (equals == std::string_view::npos)
    return "--check takes RULE=MODE, not '" + std::string(setting.substr(0, 80)) + "'";
  const std::string_view rule = setting.substr(0, equals);
  const std::optional<CheckMode> mode = find_mode(setting.substr(equals + 1));
  if (!mode)
    return "the mode of a check is stop, note or off, not '" + std::string(setting.substr(equals + 1, 40)) +
           "'";
  if (rule == "engine") {
    engine_.fill(*mode);
  } else if (rule == "oracle") {
    oracle_.fill(*mode);
  } else if (const std::optional<uint32_t> number = find_oracle_rule(rule)) {
    oracle_[*number] = *mode;
  } else if (const std::optional<size_t> code = find_check(rule)) {
    engine_[*code] = *mode;
  } else {
    return "unknown rule '" + std::string(rule.substr(0, 80)) +
           "'; there are: engine, oracle, I1 to I15, accounting, contents, finalizers, pacing, credit, budget, "
           "permits, crew and the words of each engine check";
  }
  settings_.emplace_back(setting);
  return {};
}

uint32_t named_invariant(engine::FatalCode code, std::span<const engine::Operand> operands) {
  if (code != engine::FatalCode::kVerifyFailed) return 0;
  for (const engine::Operand& operand : operands)
    if (std::string_view(operand.name) == "invariant_I") return static_cast<uint32_t>(operand.value);
  return 0;
}

}  // namespace sweepscope::laboratory
