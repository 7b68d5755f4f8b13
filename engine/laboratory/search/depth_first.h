// Enumerates every schedule of a program: depth-first search that runs again from the start, with the
// decisions so far kept as a stack.
//
// Bounded: at most N preemptions (switches away from a fiber that could continue). No schedule is skipped.
//
// Unbounded: with sleep sets (Godefroid 1996). After all runs that begin with step s are done, runs in which
// s comes later without a conflicting step before it are skipped. Every reachable state is still reached.
//
// Sleep sets with a bound, or with a cache of visited states, would miss bugs: the run that is skipped may be
// the only one within the bound. So this is the only reduction. Footprints define which steps conflict; they
// need RunSettings::footprints.
//
// One object serves a whole search on one OS thread: begin(), a run, next(), begin(), ...
#pragma once

#include <optional>
#include <vector>

#include "engine/laboratory/seam/strategy.h"

namespace sweepscope::laboratory {

class DepthFirst final : public Strategy {
 public:
  // The bound, or none: all interleavings, reduced by sleep sets unless `reduce` is kNo (for comparison).
  enum class Reduce : bool { kNo, kSleepSets };
  explicit DepthFirst(std::optional<uint32_t> preemptions, Reduce reduce = Reduce::kSleepSets)
      : bound_(preemptions.value_or(~0u)), reduce_(!preemptions && reduce == Reduce::kSleepSets) {}

  void begin();  // before each run
  bool next();   // after each run: prepares the next one; false: no run is left

  bool needs_footprints() const { return reduce_; }
  bool redundant() const { return redundant_; }  // the last run was equivalent to an earlier one
  uint64_t redundant_runs() const { return redundant_runs_; }

  uint32_t pick(std::span<const Candidate> enabled) override;
  uint32_t choose(uint32_t fiber, engine::Step what, uint32_t n) override;
  void took(Footprint& footprint) override;

 private:
  struct Sleeper {
    uint32_t fiber;
    Footprint footprint;  // of its next step, for all values of its choices
  };
  struct Node {
    bool choice = false;
    uint32_t chosen = 0;  // fiber, or value of the choice
    uint32_t n = 0;       // choice: values
    uint32_t last = ~0u;  // fiber of the step before, ~0: none
    bool last_could_go_on = false;
    uint32_t preemptions = 0;    // before this step
    std::vector<uint32_t> left;  // fibers still to be tried here, the next one last
    std::vector<Sleeper> sleep;  // fibers that need not be tried here
    Footprint footprint;         // of the chosen fiber's step, over all its runs so far
  };

  Node& make_node(std::span<const Candidate> enabled);
  static uint32_t find(std::span<const Candidate> enabled, uint32_t fiber);

  const uint32_t bound_;
  const bool reduce_;
  std::vector<Node> stack_;
  size_t depth_ = 0;               // decisions of this run so far
  size_t step_node_ = ~size_t{0};  // of the current step
  uint32_t last_ = ~0u;
  uint32_t preemptions_ = 0;
  bool redundant_ = false;
  uint64_t redundant_runs_ = 0;
  std::vector<Sleeper> sleep_;  // carried from the last step to the next node
};

}  // namespace sweepscope::laboratory
