#include "engine/laboratory/search/depth_first.h"

#include <algorithm>

namespace sweepscope::laboratory {

void DepthFirst::begin() {
  depth_ = 0;
  step_node_ = ~size_t{0};
  last_ = ~0u;
  preemptions_ = 0;
  redundant_ = false;
  sleep_.clear();
}

uint32_t DepthFirst::find(std::span<const Candidate> enabled, uint32_t fiber) {
  for (uint32_t i = 0; i < enabled.size(); ++i)
    if (enabled[i].fiber == fiber) return i;
  return kNoFit;
}

// The fiber that ran last is tried first: runs with few preemptions come early.
DepthFirst::Node& DepthFirst::make_node(std::span<const Candidate> enabled) {
  Node& node = stack_.emplace_back();
  node.last = last_;
  node.last_could_go_on = last_ != ~0u && find(enabled, last_) != kNoFit;
  node.preemptions = preemptions_;
  node.sleep = std::move(sleep_);
  const bool may_preempt = !node.last_could_go_on || preemptions_ < bound_;
  for (size_t i = enabled.size(); i-- > 0;) {
    const uint32_t fiber = enabled[i].fiber;
    if (fiber == last_ || !may_preempt) continue;
    node.left.push_back(fiber);
  }
  if (node.last_could_go_on) node.left.push_back(last_);
  std::erase_if(node.left, [&node](uint32_t fiber) {
    return std::any_of(node.sleep.begin(), node.sleep.end(),
                       [fiber](const Sleeper& s) { return s.fiber == fiber; });
  });
  return node;
}

uint32_t DepthFirst::pick(std::span<const Candidate> enabled) {
  if (redundant_) return 0;  // run to the end: an abandoned engine would leak
  if (depth_ == stack_.size()) {
    Node& node = make_node(enabled);
    if (node.left.empty()) {  // all enabled fibers are asleep: an equivalent run was made before
      stack_.pop_back();
      redundant_ = true;
      ++redundant_runs_;
      step_node_ = ~size_t{0};
      return 0;
    }
    node.chosen = node.left.back();
    node.left.pop_back();
  }
  step_node_ = depth_++;
  Node& node = stack_[step_node_];
  const uint32_t index = node.choice ? kNoFit : find(enabled, node.chosen);
  if (index == kNoFit) return kNoFit;
  preemptions_ = node.preemptions + (node.last_could_go_on && node.chosen != node.last ? 1 : 0);
  last_ = node.chosen;
  return index;
}

uint32_t DepthFirst::choose(uint32_t, engine::Step, uint32_t n) {
  if (redundant_) return 0;
  if (depth_ == stack_.size()) {
    Node& node = stack_.emplace_back();
    node.choice = true;
    node.n = n;
  }
  const Node& node = stack_[depth_++];
  return node.choice && node.n == n ? node.chosen : kNoFit;
}

// The fibers that sleep at the next node: those that sleep here, or were tried here, and do not conflict with
// this step.
void DepthFirst::took(Footprint& footprint) {
  if (redundant_ || step_node_ == ~size_t{0}) return;
  Node& node = stack_[step_node_];
  node.footprint.add(footprint);
  sleep_.clear();
  for (Sleeper& sleeper : node.sleep)
    if (sleeper.fiber != node.chosen && !sleeper.footprint.conflicts(footprint)) sleep_.push_back(sleeper);
}

bool DepthFirst::next() {
  while (!stack_.empty()) {
    Node& node = stack_.back();
    if (node.choice) {
      if (++node.chosen < node.n) return true;
    } else {
      if (reduce_) node.sleep.push_back({node.chosen, std::move(node.footprint)});
      node.footprint.clear();
      if (!node.left.empty()) {
        node.chosen = node.left.back();
        node.left.pop_back();
        return true;
      }
    }
    stack_.pop_back();
  }
  return false;
}

}  // namespace sweepscope::laboratory
