// refused: an object declares how many references it has
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
#ifndef REFUSED
  static constexpr size_t kRefs = 0;
#endif
  uint64_t value;
};
inline Node* use(Mutator& mutator) { return make<Node>(mutator); }
