// Visits every state of a scenario once: depth-first over the decisions of a run, returning to a decision by
// restoring the run's image.
//
// A state is the whole engine, the oracle's account, and for each fiber its next step and a hash of every
// value that it has read since its operation began (Experiment::state); hashing shared words alone would be
// unsound, since the locals of the fibers may differ. Two runs that reach the same state have the same
// future, so the second ends there. In addition, steps that commute with all others are no decisions
// (Scheduler::merges). With a bound on preemptions the state includes the last fiber and the preemptions
// used, because the future then depends on them.
//
// Called by the explorer and by tests, on one OS thread. Not available where runs have no image (sanitizers).
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/laboratory/search/explorer.h"
#include "engine/laboratory/search/state_set.h"

namespace sweepscope::laboratory {

class StateSearch {
 public:
  // preemptions: the bound; none = all interleavings. merge kNo: plain search, for comparison.
  StateSearch(Experiment& experiment, std::optional<uint32_t> preemptions,
              Experiment::Merge merge = Experiment::Merge::kYes)
      : experiment_(experiment), bound_(preemptions), merge_(merge) {}

  // Continues the search until it has made `decisions` more, is complete, or a rule is violated.
  enum class Progress : uint8_t { kMore, kComplete, kViolation };
  Progress search(uint64_t decisions);

  // After kViolation: the run up to it.
  RunReport violation() { return experiment_.finish(); }

  uint64_t states() const { return seen_.size(); }
  uint64_t steps() const { return steps_; }
  uint64_t ends() const { return ends_; }  // paths to the end of the program through different states
  size_t deepest() const { return deepest_; }
  const StateSet& seen() const { return seen_; }

  // For comparison with a merging search: collects the states in which no fiber's next step is one that it
  // would merge. Call before search().
  void note_decisions() { note_decisions_ = true; }
  const StateSet& at_decisions() const { return at_decisions_; }

  // For one state in 2^bits (whose hash ends in so many zeros), follows the first alternative for kAuditDecisions
  // decisions and compares the result with that of earlier visits. A difference means that the hash lacks a
  // part of the state. Call before search().
  void audit(uint32_t bits) { audited_hashes_ = (uint64_t{1} << bits) - 1; }
  uint64_t audited() const { return audited_; }  // second visits compared
  uint64_t differences() const { return differences_; }

 private:
  static constexpr size_t kSaveEvery = 4;  // copying costs more than running a few steps again
  struct Branch {
    Snapshot state;  // of every kSaveEvery-th branch; the others are reached again from the one before
    std::vector<uint32_t> left;  // alternatives not yet tried, the next one last
    uint32_t taken = 0;          // the alternative tried last
    uint32_t preemptions = 0;    // spent before this decision
  };

  bool arrive();  // at a decision; false: a visited state, or the run has ended
  void take_next(Branch& branch);
  void go_back_to_last();
  uint64_t key(uint32_t preemptions) const;

  Experiment& experiment_;
  void compare_futures(uint64_t state);

  static constexpr uint32_t kAuditDecisions = 40;
  const std::optional<uint32_t> bound_;
  const Experiment::Merge merge_;
  StateSet seen_;
  std::vector<Branch> path_;  // [0, depth_) are in use; the others keep their buffers
  size_t depth_ = 0;
  bool begun_ = false;
  uint32_t preemptions_ = 0;  // on the way to the current decision
  uint64_t steps_ = 0, ends_ = 0;
  size_t steps_at_ = 0;  // length of the trace when last counted
  size_t deepest_ = 0;
  bool note_decisions_ = false;
  StateSet at_decisions_;
  std::optional<uint64_t> audited_hashes_;  // the bits that are 0 in the hash of a state that is audited
  uint64_t audited_ = 0, differences_ = 0;
  std::unordered_map<uint64_t, uint64_t> futures_;  // by state
};

}  // namespace sweepscope::laboratory
