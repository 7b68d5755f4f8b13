// What follows a violation if the run continues: harm, and how many steps later.
//
// The schedule is replayed up to its violation with every check and rule that is not itself harm on `note`, and then
// continues to the end of the program or to its first harm: once with the threads taking turns and the first alternative of each
// choice, then by seeded random walks. Of these harms memory counts more than others, then the soonest. All of it happens
// in a process of its own (contained.h), because an engine that ignores its checks may write anywhere: a run that dies of
// it is harm, too. A rule that is itself harm keeps the mode of the setup.
//
// What it finds is an example, not a bound: no harm in these runs proves nothing.
#pragma once

#include <cstdint>
#include <string>

#include "engine/laboratory/search/experiment.h"
#include "engine/laboratory/search/harm.h"

namespace sweepscope::laboratory {

struct Aftermath {
  Harm harm = Harm::kNone;
  std::string text;   // one line: what happens, how many steps after the violation, what was noted on the way
  uint64_t step = 0;  // of the harm, from the start of its run; 0: none, or not known
  bool operator==(const Aftermath&) const = default;
};

// Runs that continue from a violation, at most.
inline constexpr uint32_t kAftermathRuns = 16;
// A run that makes no step for so long hangs.
inline constexpr double kAftermathSilence = 2;  // s

// `schedule` ends in `violation` under `setup`. Equal arguments give equal answers.
Aftermath what_follows(const Setup& setup, const Schedule& schedule, const Violation& violation);

// "memory: mutator 1 ..., 37 steps later, with I1 noted"
std::string describe(const Aftermath& aftermath);

}  // namespace sweepscope::laboratory
