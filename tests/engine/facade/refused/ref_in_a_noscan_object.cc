// refused: or it has a Ref and kRefs is 0
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
#ifdef REFUSED
  static constexpr size_t kRefs = 0;
#else
  static constexpr size_t kRefs = 1;
#endif
  Ref<Node> next;
};
inline Node* use(Mutator& mutator) { return make<Node>(mutator); }
