// binary_trees and gcbench.
#include "tests/bench/peer_programs/common/shapes.h"
#include "tests/bench/peer_programs/heaps/programs.h"

namespace sweepscope::bench {
namespace {

struct Node {
  Node *left, *right;
};
struct WideNode {  // GCBench's
  WideNode *left, *right;
  int32_t i, j;
};

template <class T>
T* make_leaf() {
  T* node = static_cast<T*>(heap::make(sizeof(T)));
  node->left = node->right = nullptr;  // not every heap returns zeroed memory
  return node;
}
template <class T>
T* bottom_up(uint32_t depth) {
  if (depth == 0) return make_leaf<T>();
  T* left = bottom_up<T>(depth - 1);
  T* right = bottom_up<T>(depth - 1);
  T* node = static_cast<T*>(heap::make(sizeof(T)));
  node->left = left;
  node->right = right;
  return node;
}
template <class T>
void populate(T* node, uint32_t depth) {
  if (depth == 0) return;
  node->left = make_leaf<T>();
  node->right = make_leaf<T>();
  populate(node->left, depth - 1);
  populate(node->right, depth - 1);
}
template <class T>
uint64_t count(const T* node) {
  return node->left == nullptr ? 1 : 1 + count(node->left) + count(node->right);
}
template <class T>
void dispose_tree(T* node) {
  if (heap::kCollects || node == nullptr) return;
  dispose_tree(node->left);
  dispose_tree(node->right);
  heap::dispose(node);
}

}  // namespace

Figures binary_trees(Arguments& arguments) {
  const uint32_t depth = uint32_t(arguments.number("depth", 18));
  arguments.all_used();
  constexpr uint32_t kLeastDepth = 4;
  const Stopwatch watch;
  uint64_t nodes = 0;
  const auto make_and_count = [&](uint32_t of_depth) {
    Node* tree = bottom_up<Node>(of_depth);
    nodes += count(tree);
    dispose_tree(tree);
  };
  make_and_count(depth + 1);
  Node* keep = bottom_up<Node>(depth);
  for (uint32_t d = kLeastDepth; d <= depth; d += 2)
    for (uint64_t i = uint64_t{1} << (depth - d + kLeastDepth); i > 0; --i) make_and_count(d);
  nodes += count(keep);
  const double wall = watch.wall(), cpu = watch.cpu();
  return Figures()
      .add("wall_ns", wall / double(nodes))
      .add("cpu_ns", cpu / double(nodes))
      .add("nodes", double(nodes));
}

Figures gc_bench(Arguments& arguments) {
  using namespace gcbench;
  const uint32_t less = uint32_t(arguments.number("less", 0));  // depth taken off every tree
  arguments.all_used();
  const Stopwatch watch;
  dispose_tree(bottom_up<WideNode>(kStretchDepth - less));
  WideNode* keep = make_leaf<WideNode>();
  populate(keep, kLongLivedDepth - less);
  double* array = static_cast<double*>(heap::make_noscan(kArrayDoubles * sizeof(double)));
  for (uint64_t i = 0; i < kArrayDoubles; ++i)
    array[i] = i > 0 && i < kArrayDoubles / 2 ? 1.0 / double(i) : 0.0;
  for (uint32_t depth = kLeastDepth; depth <= kMostDepth - less; depth += 2) {
    const uint64_t times = rounds(depth + less);
    for (uint64_t i = 0; i < times; ++i) {
      WideNode* tree = make_leaf<WideNode>();
      populate(tree, depth);
      dispose_tree(tree);
    }
    for (uint64_t i = 0; i < times; ++i) dispose_tree(bottom_up<WideNode>(depth));
  }
  if (count(keep) != nodes_of(kLongLivedDepth - less) || array[1000] != 1.0 / 1000)
    Arguments::fail("gcbench: wrong result");
  return Figures().add("wall_ms", watch.wall() / 1e6).add("cpu_ms", watch.cpu() / 1e6);
}

}  // namespace sweepscope::bench
