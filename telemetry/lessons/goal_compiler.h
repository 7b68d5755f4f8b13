// Turns the goals of a lesson into steps of a bench session on today's engine, and checks its claims on the way.
//
// A thread takes arc steps until its goal's condition holds. Where a thread must choose, it takes the next of its
// choices. A goal that cannot be reached, a choice that is missing or left over, and a claim that is false are named
// with file, line and what is there instead.
#pragma once

#include <string>
#include <vector>

#include "telemetry/lessons/lesson.h"

namespace sweepscope::telemetry::lessons {

// The bench session, as the compiler drives it. Implemented by the composition root; tests have a small one.
class Stepper {
 public:
  virtual ~Stepper() = default;
  // A new tree, whose root is node 0. An empty string, or one line: why not.
  virtual std::string begin(const BenchSetup& setup) = 0;
  virtual const BenchView& view(uint32_t node) = 0;  // valid until the next call
  struct Taken {
    uint32_t node = kNoNode;
    std::string error;
  };
  virtual Taken step(uint32_t node, BenchStepKind kind, uint32_t thread, uint32_t choice) = 0;
  virtual void rename(uint32_t node, const std::string& name) = 0;
};

struct BeatPath {
  uint32_t opens = 0;           // the node at which the beat is shown
  uint32_t ends = 0;            // after its goals
  std::vector<uint32_t> nodes;  // from `opens` to `ends`
  uint32_t accesses = 0;        // from `opens` to `ends`
};

struct LessonPath {
  uint32_t first_beat = 0;  // of the run
  std::vector<BeatPath> beats;
  uint32_t last = 0;                // the node that was reached
  std::vector<std::string> errors;  // "FILE:LINE: reason"
};

inline constexpr uint32_t kMostStepsOfAGoal = 2000;

// Plays the beats of one run from the start, and gives their nodes their names. After the call the stepper's tree is
// that of the run. Stops at the first goal that cannot be reached.
LessonPath compile(const Lesson& lesson, uint32_t run, Stepper& stepper);

}  // namespace sweepscope::telemetry::lessons
