// refused: kRefs must be the number of Ref fields
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
#ifdef REFUSED
  static constexpr size_t kRefs = 2;
#else
  static constexpr size_t kRefs = 1;
#endif
  Ref<Node> next;
  uint64_t value;
};
inline Node* use(Mutator& mutator) { return make<Node>(mutator); }
