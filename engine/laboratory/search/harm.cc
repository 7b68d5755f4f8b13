#include "engine/laboratory/search/harm.h"

#include <algorithm>

#include "engine/base/fatal_codes.h"
#include "engine/laboratory/seam/check_modes.h"

namespace sweepscope::laboratory {
namespace {

struct HarmfulRule {
  std::string_view rule;
  Harm harm;
};
constexpr HarmfulRule kHarmful[] = {
    {"I2", Harm::kMemory},                            // a slot in use is handed out, or a live object freed
    {"contents", Harm::kMemory},                      // a new object is not zero, a live one was overwritten
    {"finalizers", Harm::kMemory},                    // of a live object, or twice
    {"found bad pointer in Go heap", Harm::kMemory},  // a reference into what was freed
    {"I9", Harm::kBooks},
    {"I10", Harm::kBooks},
    {"I12", Harm::kBooks},
    {"accounting", Harm::kBooks},
    {"credit", Harm::kBooks},
    {"I11", Harm::kLeak},
    {"pacing", Harm::kLeak},
    {"out of memory", Harm::kLeak},  // a scenario has room for everything that its programs keep
};

}  // namespace

std::string_view name(Harm harm) {
  switch (harm) {
    case Harm::kNone: return "none";
    case Harm::kMemory: return "memory";
    case Harm::kBooks: return "books";
    case Harm::kLeak: return "leak";
    case Harm::kHang: return "hang";
    case Harm::kFalseAlarm: return "false alarm";
  }
  return "none";
}

uint32_t rank(Harm harm) { return harm == Harm::kMemory ? 0 : is_damage(harm) ? 1 : 2; }

std::tuple<uint32_t, bool, size_t> teaching_order(Harm harm, bool stale_span, size_t steps) {
  return {rank(harm), !stale_span, steps};
}

bool is_damage(Harm harm) { return harm != Harm::kNone && harm != Harm::kFalseAlarm; }

// kFalseAlarm is no rule's: only what follows a check shows that nothing was wrong.
Harm harm_of(ViolationKind kind, std::string_view rule) {
  if (kind == ViolationKind::kDeadlock || kind == ViolationKind::kLivelock) return Harm::kHang;
  for (const HarmfulRule& harmful : kHarmful)
    if (harmful.rule == rule) return harmful.harm;
  return Harm::kNone;
}

bool is_oracle_rule(std::string_view rule) {
  for (uint32_t number = 1; number < kOracleRules; ++number)
    if (rule_name(number) == rule) return true;
  return false;
}

std::vector<std::string> rules_to_note() {
  std::vector<std::string> rules;
  for (uint32_t number = 1; number < kOracleRules; ++number) rules.push_back(rule_name(number));
  for (size_t code = 0; code < static_cast<size_t>(engine::FatalCode::kCount); ++code)
    rules.emplace_back(engine::words(static_cast<engine::FatalCode>(code)));
  return rules;
}

}  // namespace sweepscope::laboratory
