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

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/laboratory/bench/branch_tree.h"
#include "engine/laboratory/bench/breakpoint.h"
#include "engine/laboratory/bench/node_view.h"
#include "engine/laboratory/search/experiment.h"

namespace sweepscope::laboratory {

class HandRun;
class RecordListener;
class SearchHere;
struct StepTaken;

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
  // Accesses kept in all views together: beyond that the oldest nodes show theirs no more.
  static constexpr size_t kMostRowsInAll = 200'000;

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
  // A tree with this root; the engine stands there.
  void plant(const Setup& setup, uint64_t seed, std::unique_ptr<HandRun> run, std::vector<Decision> creation);
  bool stand_at(uint32_t node);  // moves the engine there
  uint32_t keep(uint32_t parent, StepKind kind, uint32_t fiber, uint32_t choice, StepTaken taken);
  // Takes these decisions after `node`, in arcs; the last node that they reach, or an error.
  Taken follow(uint32_t node, const std::vector<Decision>& decisions);
  uint32_t last_cycle(uint32_t node) const;

  RecordListener* const listener_;
  Setup setup_;
  uint64_t seed_ = 1;
  std::unique_ptr<HandRun> run_;
  std::unique_ptr<BranchTree> tree_;
  std::vector<std::unique_ptr<NodeView>> views_;  // by node
  size_t rows_ = 0;                               // kept in all views
  uint32_t oldest_rows_ = 0;                      // views before it have given theirs up
  uint32_t current_ = 0;
  uint32_t stands_at_ = kNoNode;  // where the engine is; kNoNode: nowhere
  std::vector<Breakpoint> breakpoints_;
  // The child that a request led to, by its node, kind, fiber and choice.
  std::map<std::tuple<uint32_t, StepKind, uint32_t, uint32_t>, uint32_t> requests_;
  std::unique_ptr<SearchHere> search_;
  SearchAnswer answer_;
};

}  // namespace sweepscope::laboratory
