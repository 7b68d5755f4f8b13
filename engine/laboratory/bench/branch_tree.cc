#include "engine/laboratory/bench/branch_tree.h"

#include <algorithm>

namespace sweepscope::laboratory {

BranchTree::BranchTree(std::vector<Decision> creation) {
  Node root;
  root.decisions = std::move(creation);
  root.text = "the engine has been made";
  nodes_.push_back(std::move(root));
}

uint32_t BranchTree::add(Node node) {
  node.steps_before = static_cast<uint32_t>(steps(node.parent));
  nodes_.push_back(std::move(node));
  return static_cast<uint32_t>(nodes_.size() - 1);
}

std::optional<uint32_t> BranchTree::child(uint32_t parent, const std::vector<Decision>& decisions) const {
  for (uint32_t id = parent + 1; id < nodes_.size(); ++id)
    if (nodes_[id].parent == parent && nodes_[id].decisions == decisions) return id;
  return std::nullopt;
}

std::vector<uint32_t> BranchTree::path(uint32_t node) const {
  std::vector<uint32_t> path;
  for (; node != kNoNode; node = nodes_[node].parent) path.push_back(node);
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<Decision> BranchTree::prefix(uint32_t node) const {
  std::vector<Decision> prefix;
  for (const uint32_t id : path(node))
    prefix.insert(prefix.end(), nodes_[id].decisions.begin(), nodes_[id].decisions.end());
  return prefix;
}

}  // namespace sweepscope::laboratory
