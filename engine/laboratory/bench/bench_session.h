// The laboratory as a session: a viewer chooses what is explored and takes every step; the session owns the branch tree.
//
// One engine runs, by hand (hand_run.h). It moves only when a step is taken: to another node by replay from the start,
// which costs less than a viewer notices, so there are no copies of the run. Looking at a node costs nothing: its view
// was kept when it was reached.
//
// A step names its node and its decision. Repeated, it leads to the same child and changes nothing, so that a viewer that
// lost an answer may ask again.
//
// Called by the composition root and by tests, on one OS thread; no protobuf, no sockets.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/laboratory/bench/branch_tree.h"
#include "engine/laboratory/bench/node_view.h"
#include "engine/laboratory/search/experiment.h"

namespace sweepscope::laboratory {

class HandRun;
class RecordListener;
class SearchHere;

// Stops a run step: "rule I1" when the rule is violated and noted, "arc T7" when the thread makes that arc, "span 3" when
// it accesses a word of that span.
struct Breakpoint {
  enum class Kind : uint8_t { kRule, kArc, kSpan };
  Kind kind;
  std::string name;   // kRule, kArc
  uint32_t span = 0;  // kSpan
  std::string text() const;
};
struct ParsedBreakpoint {
  std::optional<Breakpoint> breakpoint;
  std::string error;  // one line
};
ParsedBreakpoint parse_breakpoint(std::string_view text);

enum class SearchStanding : uint8_t { kNone, kRunning, kFound, kNothing, kUndecided, kCancelled };
struct SearchAnswer {
  SearchStanding standing = SearchStanding::kNone;
  uint32_t node = 0;         // search from here
  uint32_t found = kNoNode;  // kFound: the node of the violation
  uint64_t schedules = 0, steps = 0;
  double seconds = 0;
  std::string text;  // the answer in words, with its bounds
};

class BenchSession {
 public:
  static constexpr double kSearchSeconds = 10;

  // listener: of the events of the run that leads to the current node; null: none.
  explicit BenchSession(RecordListener* listener = nullptr);
  ~BenchSession();

  // A new tree. An empty string, or one line: why not; then nothing has changed.
  std::string begin(const Setup& setup, uint64_t seed);
  // The same with the schedule's steps as one branch, in arcs, split where the schedule switches threads. The current
  // node is the one at which the last cycle begins.
  std::string load(const Schedule& schedule);
  bool begun() const { return tree_ != nullptr; }

  struct Taken {
    uint32_t node = kNoNode;
    std::string error;  // one line; empty: done
  };
  // choice: kChoice only.
  Taken step(uint32_t node, StepKind kind, uint32_t fiber, uint32_t choice = 0);
  std::string go(uint32_t node);
  std::string rename(uint32_t node, std::string name);
  std::string set_breakpoints(const std::vector<std::string>& texts);

  const Setup& setup() const { return setup_; }
  uint64_t seed() const { return seed_; }
  const BranchTree& tree() const { return *tree_; }
  uint32_t current() const { return current_; }
  const NodeView& view(uint32_t node) const { return *views_[node]; }
  const std::vector<Breakpoint>& breakpoints() const { return breakpoints_; }
  // The path to the node, as `explore --out` writes it.
  Schedule schedule(uint32_t node) const;

  // Search from here: for a violation by a schedule that begins with the path to the node. Runs in slices: call
  // search_slice() until the answer's standing is not kRunning.
  std::string start_search(uint32_t node, double seconds = kSearchSeconds);
  void search_slice(double seconds);
  void cancel_search();
  const SearchAnswer& search_answer() const { return answer_; }

 private:
  std::string stand_at(uint32_t node);  // moves the engine there
  uint32_t keep(Node node, const NodeView& view);
  std::string follow(uint32_t from, const std::vector<Decision>& decisions, uint32_t& last);

  RecordListener* const listener_;
  Setup setup_;
  uint64_t seed_ = 1;
  std::unique_ptr<HandRun> run_;
  std::unique_ptr<BranchTree> tree_;
  std::vector<std::unique_ptr<NodeView>> views_;  // by node
  uint32_t current_ = 0;
  uint32_t stands_at_ = kNoNode;  // where the engine is; kNoNode: nowhere
  std::vector<Breakpoint> breakpoints_;
  std::unique_ptr<SearchHere> search_;
  SearchAnswer answer_;
};

}  // namespace sweepscope::laboratory
