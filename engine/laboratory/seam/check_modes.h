// What a failed check or a violated rule does to a run: stop it (the default), be noted while the run
// continues, or nothing at all. So a search can pass a check that fires before the harm, to see the harm.
//
//   RULE=MODE   RULE: the words of an engine check ("bad sweepgen in refill"), a rule of the oracle (I1 to
//               I15, accounting, contents, finalizers, pacing, credit, budget, permits, crew), `engine` for all of
//               the first or `oracle` for all of the second MODE: stop, note, off
//
// Later settings win. Checks that the following code depends on (engine/base/context.h: fail, insist) are
// fatal in every mode, and so are deadlock and livelock (L1 to L3). A finding of the heap verifier counts as
// the invariant that it names. In production every check is fatal.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/context.h"

namespace sweepscope::laboratory {

enum class CheckMode : uint8_t { kStop, kNote, kOff };

// Rules of the oracle: N is the invariant IN; after them the accounting equations, what live objects hold, that
// finalizers come once and in time, and what the collector promises above the protocol: when a cycle starts and how far
// the heap may grow, what assists may be credited, which workers may mark, how many threads may run, and how the helpers
// of a stopped world work.
inline constexpr uint32_t kAccounting = 16;
inline constexpr uint32_t kContents = 17;
inline constexpr uint32_t kFinalizers = 18;
inline constexpr uint32_t kPacing = 19;
inline constexpr uint32_t kCredit = 20;
inline constexpr uint32_t kBudget = 21;
inline constexpr uint32_t kPermits = 22;
inline constexpr uint32_t kCrew = 23;
inline constexpr uint32_t kOracleRules = 24;  // 0 is none
std::string rule_name(uint32_t oracle_rule);  // "I5", "accounting"

class CheckModes {
 public:
  // Applies one setting; returns an empty string, or why the setting is invalid.
  std::string set(std::string_view setting);

  CheckMode of(engine::FatalCode code) const { return engine_[static_cast<size_t>(code)]; }
  CheckMode of_oracle(uint32_t rule) const { return rule < kOracleRules ? oracle_[rule] : CheckMode::kStop; }

  const std::vector<std::string>& settings() const {
    return settings_;
  }  // in the order given, for a schedule's header

 private:
  std::array<CheckMode, static_cast<size_t>(engine::FatalCode::kCount)> engine_{};
  std::array<CheckMode, kOracleRules> oracle_{};
  std::vector<std::string> settings_;
};

// The invariant N that a failed check of the heap verifier names; 0 for other checks.
uint32_t named_invariant(engine::FatalCode code, std::span<const engine::Operand> operands);

}  // namespace sweepscope::laboratory
