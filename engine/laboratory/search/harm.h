// What a violation does to a program: memory, books, leak, hang, false alarm or none.
//
// Most rules are violated before anything is lost: a violation of I1 hands out an object from a stale span, and only a
// later sweep frees it while it is live. So few rules are harm themselves; aftermath.h runs on to the first of them. A second sweep (I3) is none:
// it does harm only if it frees a live object, which is I2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/laboratory/seam/violation.h"

namespace sweepscope::laboratory {

enum class Harm : uint8_t {
  kNone,
  kMemory,      // a live object is freed, handed out again, or does not hold what was written to it
  kBooks,       // a count of the engine is wrong: statistics, heap_live, a span's count
  kLeak,        // memory without a user stays in use, or the heap outgrows its bound
  kHang,        // a thread never continues
  kFalseAlarm,  // an engine check ends a program in which nothing was wrong
};
std::string_view name(Harm harm);  // "memory", "false alarm", "none"

// From 0, the most instructive: memory, then books, leak and hang, then none of them.
uint32_t rank(Harm harm);
// Of two counterexamples the smaller one is better to learn from: by its harm, whether a stale span existed, its length.
std::tuple<uint32_t, bool, size_t> teaching_order(Harm harm, bool stale_span, size_t steps);
// Whether something is lost or wrong that a program can notice; not kNone and kFalseAlarm.
bool is_damage(Harm harm);

// The harm that a violation of this rule is itself; kNone: if there is harm, it comes later.
Harm harm_of(ViolationKind kind, std::string_view rule);

// Every rule of the oracle, then every check of the engine; some checks stop in any mode.
std::vector<std::string> rules_to_note();
// Whether the oracle, and not a check of the engine, has this rule.
bool is_oracle_rule(std::string_view rule);

}  // namespace sweepscope::laboratory
