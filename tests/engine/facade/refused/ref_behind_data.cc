// refused: the Ref fields must come first
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 2;
  Ref<Node> left;
#ifdef REFUSED
  uint64_t value;
  Ref<Node> right;
#else
  Ref<Node> right;
  uint64_t value;
#endif
};
inline Node* use(Mutator& mutator) { return make<Node>(mutator); }
