// One step of a bench session: which accesses it takes, where it ends and why.
//
// An arc step takes at least one access, also one between reading and writing: the step before ended there.
#pragma once

#include <string>
#include <vector>

#include "engine/laboratory/bench/breakpoint.h"
#include "engine/laboratory/bench/hand_run.h"

namespace sweepscope::laboratory {

struct StepTaken {
  std::vector<Decision> decisions;
  std::vector<AccessRow> rows;  // the last kMostRows
  StopReason stop = StopReason::kNone;
  std::string text, why;
  std::string error;  // one line: nothing was taken
};

inline constexpr size_t kMostRows = 4096;
inline constexpr size_t kMostAccesses = 20'000;  // of one step

// kAccess, kArc, kRun: by `fiber`. kChoice: alternative `choice` of `fiber`.
StepTaken take_step(HandRun& run, StepKind kind, uint32_t fiber, uint32_t choice,
                    const std::vector<Breakpoint>& breakpoints);

// Takes the decisions from `from` on that are one step of an arc at most: of one fiber, up to its next write of a word
// of the protocol.
StepTaken take_recorded(HandRun& run, const std::vector<Decision>& decisions, size_t from);

}  // namespace sweepscope::laboratory
