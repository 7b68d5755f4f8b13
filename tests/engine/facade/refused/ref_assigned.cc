// refused: to copy a reference: a.set(mutator, b.get())
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 2;
  Ref<Node> left, right;
};
inline void use(Mutator& mutator, Node& node) {
#ifdef REFUSED
  node.left = node.right;
#else
  node.left.set(mutator, node.right.get());
#endif
}
