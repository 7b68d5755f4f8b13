#include <cstdio>

#include "engine/engine.h"

using namespace sweepscope::engine;

// An object: its references come first and are counted, which the compiler checks; all of it begins as zero.
struct Tree {
  static constexpr size_t kRefs = 2;
  Ref<Tree> left, right;
  unsigned inner_nodes;
};

Tree* build(Mutator& mutator, unsigned depth) {
  if (depth == 0) return make<Tree>(mutator);
  Local<Tree> tree(mutator, make<Tree>(mutator));  // a handle keeps it alive; a raw pointer does not
  tree->left.set(mutator, build(mutator, depth - 1));
  tree->right.set(mutator, build(mutator, depth - 1));
  tree->inner_nodes = 1 + tree->left->inner_nodes + tree->right->inner_nodes;
  mutator.poll();  // a safepoint: the collector may stop the thread here
  return tree.get();
}

int main() {
  const Engine::Created made = Engine::create({.procs = 2});
  if (made.engine == nullptr) return std::fprintf(stderr, "%s\n", made.error.c_str()), 1;
  Attached mutator(*made.engine);  // this thread uses the heap until the end of the scope
  Local<Array<Ref<Tree>>> trees(mutator, make_array<Ref<Tree>>(mutator, 10));
  for (int round = 0; round < 50; ++round)
    for (Ref<Tree>& tree : *trees) tree.set(mutator, build(mutator, 10));  // the tree before it is garbage
  mutator.collect();
  const EngineStats stats = mutator.blocking([&] { return made.engine->stats(); });
  std::printf("%u inner nodes, %s\n", trees[9]->inner_nodes,
              stats.freed_objects > 400 * 2047 ? "the garbage was freed" : "garbage was left");
}
