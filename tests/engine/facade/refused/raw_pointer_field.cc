// refused: the collector does not see a raw pointer
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
#ifdef REFUSED
  static constexpr size_t kRefs = 1;
  Ref<Node> left;
  uint64_t value;
  Node* right;
#else
  static constexpr size_t kRefs = 2;
  Ref<Node> left;
  Ref<Node> right;
  uint64_t value;
#endif
};
inline Node* use(Mutator& mutator) { return make<Node>(mutator); }
