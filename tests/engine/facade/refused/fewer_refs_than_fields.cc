// refused: kRefs must be the number of Ref fields
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
#ifdef REFUSED
  static constexpr size_t kRefs = 3;
#else
  static constexpr size_t kRefs = 4;
#endif
  Ref<Node> parent;
  Ref<Node> children[3];
  uint64_t value;
};
inline Node* use(Mutator& mutator) { return make<Node>(mutator); }
