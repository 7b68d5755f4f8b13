// gcbench: see gcbench in peer_programs/common/shapes.h.
#include <thread>

#include "tests/bench/peer_bench/programs.h"

namespace sweepscope::bench {
namespace {

using engine::Local;
using engine::Mutator;

struct TreeNode {
  static constexpr size_t kRefs = 2;
  engine::Ref<TreeNode> left, right;
  int32_t i, j;
};

TreeNode* bottom_up(Mutator& mutator, uint32_t depth) {
  if (depth == 0) return engine::make<TreeNode>(mutator);
  Local<TreeNode> left(mutator, bottom_up(mutator, depth - 1));
  Local<TreeNode> right(mutator, bottom_up(mutator, depth - 1));
  mutator.poll();
  TreeNode* node = engine::make<TreeNode>(mutator);
  node->left.set(mutator, left.get());
  node->right.set(mutator, right.get());
  return node;
}

void populate(Mutator& mutator, TreeNode* at, uint32_t depth) {
  if (depth == 0) return;
  Local<TreeNode> node(mutator, at);
  mutator.poll();
  TreeNode* left = engine::make<TreeNode>(mutator);
  node->left.set(mutator, left);
  TreeNode* right = engine::make<TreeNode>(mutator);
  node->right.set(mutator, right);
  populate(mutator, node->left.get(), depth - 1);
  populate(mutator, node->right.get(), depth - 1);
}

uint64_t count(const TreeNode* node) {
  return node->left.get() == nullptr ? 1 : 1 + count(node->left.get()) + count(node->right.get());
}

}  // namespace

Figures gc_bench(Arguments& arguments) {
  using namespace gcbench;
  const uint32_t less = uint32_t(arguments.number("less", 0));
  arguments.all_used();
  engine::EngineOptions options;
  options.procs = std::max(1u, std::thread::hardware_concurrency());
  const auto engine = make_engine(options);
  Figures figures;
  run_alone(*engine, [&](Mutator& mutator) {
    const Stopwatch watch;
    bottom_up(mutator, kStretchDepth - less);
    Local<TreeNode> keep(mutator, engine::make<TreeNode>(mutator));
    populate(mutator, keep.get(), kLongLivedDepth - less);
    Local<std::byte> array(mutator, engine::make_bytes(mutator, kArrayDoubles * sizeof(double)));
    const auto doubles = [&] { return reinterpret_cast<double*>(array.get()); };
    for (uint64_t i = 1; i < kArrayDoubles / 2; ++i) doubles()[i] = 1.0 / double(i);
    for (uint32_t depth = kLeastDepth; depth <= kMostDepth - less; depth += 2) {
      const uint64_t times = rounds(depth + less);
      for (uint64_t i = 0; i < times; ++i) {
        Local<TreeNode> tree(mutator, engine::make<TreeNode>(mutator));
        populate(mutator, tree.get(), depth);
      }
      for (uint64_t i = 0; i < times; ++i) bottom_up(mutator, depth);
    }
    if (count(keep.get()) != nodes_of(kLongLivedDepth - less) || doubles()[1000] != 1.0 / 1000)
      Arguments::fail("gcbench: wrong result");
    figures.add("wall_ms", watch.wall() / 1e6).add("cpu_ms", watch.cpu() / 1e6);
  });
  return figures;
}

}  // namespace sweepscope::bench
