// What Engine::verify() walked and found. Plain data, the same in both builds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/options.h"

namespace sweepscope::engine {

struct Verification {
  struct Violation {
    uint32_t invariant;  // n of invariant In (gc/verifier.h); 0: another check of the walk
    const char* words;   // of the check, as a fatal one prints them
    std::vector<FatalReport::Value> values;  // of the check, by name
  };
  static constexpr size_t kListed = 16;

  // Walked: spans in use, mcaches of Ps, entries of sweep queues and span lists, special records.
  uint32_t spans = 0, mcaches = 0, queued = 0, listed = 0, specials = 0;
  uint64_t violations = 0;       // all that were found; one damage may break several invariants
  std::vector<Violation> found;  // the first kListed of them
  bool complete = true;          // false: a violation ended the walk of some list, span or stack

  bool ok() const { return violations == 0; }
  // One line: what was walked, or how many violations and the first of them with its values.
  std::string text() const {
    if (ok())
      return "no violation; walked: spans " + std::to_string(spans) + ", mcaches " + std::to_string(mcaches) +
             ", queue entries " + std::to_string(queued) + ", list entries " + std::to_string(listed) +
             ", special records " + std::to_string(specials);
    const Violation& first = found.front();
    std::string line =
        std::to_string(violations) + (violations == 1 ? " violation: " : " violations, first: ");
    line += first.words;
    if (first.invariant != 0) line += ", I" + std::to_string(first.invariant);
    for (const FatalReport::Value& value : first.values)
      line += std::string(", ") + value.name + " = " + std::to_string(value.value);
    return line;
  }
};

}  // namespace sweepscope::engine
