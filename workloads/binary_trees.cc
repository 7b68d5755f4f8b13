// binary_trees: the classic allocation benchmark. A stretch tree, one long-lived tree, and many short-lived
// trees of growing depth; each mutator runs all of it. Every tree is counted, so the self-check detects a
// lost or overwritten node.
#include <atomic>
#include <mutex>

#include <fmt/format.h>

#include "workloads/workload.h"

namespace sweepscope::workloads {
namespace {

using engine::Local;
using engine::Mutator;
using engine::Ref;

constexpr uint32_t kLeastDepth = 4;  // of the short-lived trees
constexpr uint32_t kTickDepth = 5;   // tick the gap meter for each subtree of this depth (63 nodes)
constexpr uint32_t kPollDepth = 12;  // poll finished() for each subtree of this depth (8191 nodes)

struct Node {
  static constexpr size_t kRefs = 2;
  Ref<Node> left, right;
};

constexpr uint64_t nodes_of(uint32_t depth) { return (uint64_t{2} << depth) - 1; }

class BinaryTrees final : public Program {
 public:
  explicit BinaryTrees(uint32_t depth) : depth_(std::max(depth, kLeastDepth + 2)) {}

  void run(Mutator& mutator, RunControl& control, uint32_t thread, uint32_t threads) override {
    Round round{*this, mutator, control, control.gaps(thread), thread == 0};
    do round.play();
    while (control.another_round(mutator));
    std::lock_guard lock(mutex_);
    trees_ += round.trees;
    nodes_ += round.nodes;
    if (!complaint_ && round.complaint) complaint_ = round.complaint;
    if (round.whole_rounds > 0) whole_rounds_ += round.whole_rounds;
  }

  std::optional<std::string> self_check() const override { return complaint_; }
  std::vector<Figure> figures() const override {
    return {{"rounds", whole_rounds_}, {"trees", trees_}, {"nodes", nodes_}};
  }
  uint64_t heap_bytes_needed(uint32_t, uint32_t threads) const override {
    return nodes_of(depth_ + 1) * sizeof(Node) * threads;  // the stretch tree of each mutator
  }

 private:
  // The work of one mutator.
  struct Round {
    const BinaryTrees& program;
    Mutator& mutator;
    RunControl& control;
    GapMeter& gaps;
    const bool reports;  // one mutator reports the progress
    uint64_t trees = 0, nodes = 0, whole_rounds = 0;
    std::optional<std::string> complaint = std::nullopt;

    void play() {
      const uint32_t depth = program.depth_;
      make_and_count(depth + 1);  // the stretch tree: grows the heap once
      Local<Node> keep(mutator, build(depth));
      const uint32_t last = depth;
      for (uint32_t d = kLeastDepth; d <= last && !control.finished(mutator); d += 2) {
        const uint64_t times = uint64_t{1} << (last - d + kLeastDepth);
        for (uint64_t i = 0; i < times && !control.finished(mutator); ++i) {
          make_and_count(d);
          if (reports) report(d, double(i + 1) / double(times));
        }
      }
      compare(depth, count(keep.get(), depth));
      if (!control.finished(mutator)) ++whole_rounds;
    }

    void make_and_count(uint32_t depth) {
      Local<Node> root(mutator, build(depth));
      compare(depth, count(root.get(), depth));
    }

    // A tree that the end of the run cut short has fewer nodes and is not compared: finished() stays true.
    void compare(uint32_t depth, uint64_t counted) {
      ++trees;
      nodes += counted;
      if (counted == nodes_of(depth) || control.finished(mutator) || complaint) return;
      complaint =
          fmt::format("a tree of depth {} has {} nodes instead of {}", depth, counted, nodes_of(depth));
    }

    Node* build(uint32_t depth) {
      if (depth == 0) return engine::make<Node>(mutator);
      if (depth == kTickDepth) gaps.tick();
      if (depth == kPollDepth && control.finished(mutator)) return engine::make<Node>(mutator);
      Local<Node> left(mutator, build(depth - 1));
      Local<Node> right(mutator, build(depth - 1));
      mutator.poll();
      Node* node = engine::make<Node>(mutator);
      node->left.set(mutator, left);
      node->right.set(mutator, right);
      return node;
    }

    // Large subtrees are held by handles, with polls in between, so that counting does not delay a stop.
    uint64_t count(Node* node, uint32_t depth) {
      if (depth <= kTickDepth) return count_small(node);
      Local<Node> root(mutator, node);
      mutator.poll();
      gaps.tick();
      uint64_t nodes_below = 0;
      for (Ref<Node> Node::*side : {&Node::left, &Node::right})
        if (Node* child = ((*root).*side).get()) nodes_below += count(child, depth - 1);
      return 1 + nodes_below;
    }
    // No poll and no allocation inside: raw pointers stay valid.
    static uint64_t count_small(const Node* node) {
      const Node* left = node->left.get();
      const Node* right = node->right.get();
      if (left == nullptr && right == nullptr) return 1;
      return 1 + (left ? count_small(left) : 0) + (right ? count_small(right) : 0);
    }

    void report(uint32_t depth, double part_of_depth) {
      const double depths = double((program.depth_ - kLeastDepth) / 2 + 1);
      if (control.limits().cycles > 0) return control.report_cycles(mutator);
      control.report_progress((double(depth - kLeastDepth) / 2 + part_of_depth) / depths);
    }
  };

  const uint32_t depth_;
  std::mutex mutex_;  // guards the members below until all mutators are joined
  uint64_t trees_ = 0, nodes_ = 0, whole_rounds_ = 0;
  std::optional<std::string> complaint_;
};

class BinaryTreesWorkload final : public Workload {
 public:
  std::string_view name() const override { return "binary_trees"; }
  std::string_view summary() const override {
    return "builds and counts binary trees: one long-lived, many short-lived; every mutator its own";
  }
  std::span<const Parameter> parameters() const override {
    static constexpr Parameter kParameters[] = {
        {"depth", "16", "depth of the long-lived tree (2^(depth+1) - 1 nodes of 16 bytes)",
         Parameter::Range{6, 26}},
    };
    return kParameters;
  }
  Expected<std::unique_ptr<Program>> create(const ParameterValues& values, uint64_t) const override {
    return std::make_unique<BinaryTrees>(uint32_t(values.integer("depth")));
  }
};

}  // namespace

const Workload& binary_trees() {
  static const BinaryTreesWorkload workload;
  return workload;
}

}  // namespace sweepscope::workloads
