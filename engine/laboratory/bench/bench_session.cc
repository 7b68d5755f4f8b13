#include "engine/laboratory/bench/bench_session.h"

#include <algorithm>
#include <utility>

#include "engine/laboratory/bench/hand_run.h"
#include "engine/laboratory/bench/look.h"
#include "engine/laboratory/bench/quiet.h"
#include "engine/laboratory/bench/search_here.h"
#include "engine/laboratory/bench/stepping.h"

namespace sweepscope::laboratory {
namespace {

std::string no_such_node(uint32_t node) { return "there is no node " + std::to_string(node); }

// The decisions of a schedule, and how many of them create the engine; or why it does not fit this engine.
struct Followed {
  std::vector<Decision> decisions;
  size_t creation = 0;
  std::string error;
};

Followed follow_schedule(const Setup& setup, const Schedule& schedule) {
  Followed followed;
  HandRun probe(setup, nullptr);
  probe.begin();
  for (const ScheduledStep& step : schedule.steps) {
    const Decision decision{step.fiber, step.choice};
    const std::string expected = "expected '" + std::to_string(step.fiber) + " " + step.name + "'";
    if (!probe.take(decision)) {
      followed.error = "the schedule does not fit, " + probe.why_not() + "; " + expected;
      return followed;
    }
    if (probe.row().access.step.id != step_id(step.name)) {
      followed.error = "the schedule does not fit at step " + std::to_string(probe.steps()) + ": " +
                       expected + ", found '" + probe.row().access.step.name + "'";
      return followed;
    }
    followed.decisions.push_back(decision);
    if (followed.creation == 0 && probe.engine_stands()) followed.creation = followed.decisions.size();
  }
  if (followed.creation == 0) followed.error = "the schedule ends before the engine is made";
  return followed;
}

}  // namespace

BenchSession::BenchSession(RecordListener* listener) : listener_(listener) {}
BenchSession::~BenchSession() = default;

void BenchSession::plant(const Setup& setup, uint64_t seed, std::unique_ptr<HandRun> run,
                         std::vector<Decision> creation) {
  cancel_search();
  answer_ = {};
  setup_ = setup;
  seed_ = seed;
  run_ = std::move(run);
  tree_ = std::make_unique<BranchTree>(std::move(creation));
  views_.clear();
  rows_ = oldest_rows_ = 0;
  requests_.clear();
  views_.push_back(std::make_unique<NodeView>(look(*run_, {})));
  current_ = stands_at_ = 0;
}

std::string BenchSession::begin(const Setup& setup, uint64_t seed) {
  if (std::string problem = problem_with(setup); !problem.empty()) return problem;
  auto run = std::make_unique<HandRun>(setup, listener_);
  std::vector<Decision> creation = run->create();
  if (!run->engine_stands()) {
    stands_at_ = kNoNode;  // the listener has left the run that was there
    return "the engine could not be made: " + run->so_far().violation.sentence;
  }
  plant(setup, seed, std::move(run), std::move(creation));
  return {};
}

std::string BenchSession::load(const Schedule& schedule) {
  const SetupOf setup = setup_of(schedule);
  if (!setup.error.empty()) return setup.error;
  Followed followed = follow_schedule(setup.setup, schedule);
  if (!followed.error.empty()) return followed.error;
  auto run = std::make_unique<HandRun>(setup.setup, listener_);
  run->begin();
  const auto program = followed.decisions.begin() + static_cast<ptrdiff_t>(followed.creation);
  std::vector<Decision> creation(followed.decisions.begin(), program);
  for (const Decision& decision : creation) run->take(decision);
  plant(setup.setup, schedule.seed, std::move(run), std::move(creation));
  const Taken end = follow(0, {program, followed.decisions.end()});
  if (!end.error.empty()) return end.error;
  current_ = last_cycle(end.node);
  return {};
}

BenchSession::Taken BenchSession::follow(uint32_t node, const std::vector<Decision>& decisions) {
  if (!stand_at(node)) return {kNoNode, "the replay of node " + std::to_string(node) + " differs"};
  for (size_t at = 0; at < decisions.size();) {
    if (tree_->full()) return {node, "the tree is full: begin a new session"};
    StepTaken taken = take_recorded(*run_, decisions, at);
    if (taken.decisions.empty()) return {kNoNode, taken.error};
    at += taken.decisions.size();
    node = keep(node, StepKind::kLoaded, decisions[at - 1].fiber, 0, std::move(taken));
  }
  return {node, {}};
}

// The node at which the last sg was written: the cycle in which a counterexample ends.
uint32_t BenchSession::last_cycle(uint32_t node) const {
  const uint32_t end = node;
  for (; node != 0; node = tree_->nodes()[node].parent) {
    const uint32_t parent = tree_->nodes()[node].parent;
    if (view(node).board.known && view(parent).board.known && view(node).board.sg != view(parent).board.sg &&
        node != end)
      return node;
  }
  return 0;
}

// The view of a step's end becomes a node, unless a child with the same decisions exists.
uint32_t BenchSession::keep(uint32_t parent, StepKind kind, uint32_t fiber, uint32_t choice,
                            StepTaken taken) {
  if (const auto known = tree_->child(parent, taken.decisions)) return stands_at_ = *known;
  auto view = std::make_unique<NodeView>(look(*run_, views_[parent]->board));
  view->rows = std::move(taken.rows);
  if (view->outcome == NodeOutcome::kViolation)  // a few milliseconds, and such nodes are few
    view->aftermath =
        what_follows(setup_, run_->experiment().schedule(seed_, run_->so_far()), view->violation);
  Node node;
  node.parent = parent;
  node.kind = kind;
  node.fiber = fiber;
  node.choice = choice;
  node.stop = taken.stop;
  node.outcome = view->outcome;
  node.quiet = is_quiet(*views_[parent], *view, taken.stop);
  node.decisions = std::move(taken.decisions);
  node.text = std::move(taken.text);
  node.why = std::move(taken.why);
  const uint32_t id = tree_->add(std::move(node));
  view->node = id;
  rows_ += view->rows.size();
  views_.push_back(std::move(view));
  for (; rows_ > kMostRowsInAll && oldest_rows_ < id; ++oldest_rows_)
    rows_ -= std::exchange(views_[oldest_rows_]->rows, {}).size();
  return stands_at_ = id;
}

bool BenchSession::stand_at(uint32_t node) {
  if (stands_at_ == node) return true;
  const std::vector<uint32_t> path = tree_->path(node);
  const auto here = std::find(path.begin(), path.end(), stands_at_);
  size_t from = 0;
  if (stands_at_ == kNoNode || here == path.end())
    run_->begin();
  else
    from = static_cast<size_t>(here - path.begin()) + 1;  // on the way: continue from there
  for (size_t i = from; i < path.size(); ++i)
    for (const Decision& decision : tree_->nodes()[path[i]].decisions)
      if (!run_->take(decision)) {
        stands_at_ = kNoNode;
        return false;
      }
  stands_at_ = node;
  return true;
}

BenchSession::Taken BenchSession::step(uint32_t node, StepKind kind, uint32_t fiber, uint32_t choice) {
  if (!tree_->has(node)) return {kNoNode, no_such_node(node)};
  if (kind == StepKind::kStart || kind == StepKind::kLoaded) return {kNoNode, "this is no step to take"};
  if (kind != StepKind::kChoice) choice = 0;
  const auto request = std::make_tuple(node, kind, fiber, choice);
  if (const auto done = requests_.find(request); done != requests_.end())
    return {current_ = done->second, {}};
  if (tree_->full()) return {kNoNode, "the tree is full: begin a new session"};
  if (!stand_at(node)) return {kNoNode, "the replay of node " + std::to_string(node) + " differs"};
  StepTaken taken = take_step(*run_, kind, fiber, choice, breakpoints_);
  if (taken.decisions.empty()) return {kNoNode, taken.error};
  current_ = keep(node, kind, fiber, choice, std::move(taken));
  requests_.emplace(request, current_);
  return {current_, {}};
}

std::string BenchSession::go(uint32_t node) {
  if (!tree_->has(node)) return no_such_node(node);
  current_ = node;
  return {};
}

std::string BenchSession::rename(uint32_t node, std::string name) {
  if (!tree_->has(node)) return no_such_node(node);
  if (name.size() > BranchTree::kMostNameBytes) return "the name of a branch is too long";
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }))
    return "the name of a branch has no control characters";
  tree_->rename(node, std::move(name));
  return {};
}

std::string BenchSession::set_breakpoints(const std::vector<std::string>& texts) {
  std::vector<Breakpoint> breakpoints;
  for (const std::string& text : texts) {
    ParsedBreakpoint parsed = parse_breakpoint(text);
    if (!parsed.breakpoint) return parsed.error;
    breakpoints.push_back(std::move(*parsed.breakpoint));
  }
  breakpoints_ = std::move(breakpoints);
  std::erase_if(requests_, [](const auto& request) { return std::get<1>(request.first) == StepKind::kRun; });
  return {};
}

// By a run of its own: the session's engine stays where it is.
Schedule BenchSession::schedule(uint32_t node) const {
  HandRun probe(setup_, nullptr);
  probe.begin();
  for (const Decision& decision : tree_->prefix(node))
    if (!probe.take(decision)) break;
  return probe.experiment().schedule(seed_, probe.so_far());
}

}  // namespace sweepscope::laboratory
