// refused: an object begins as zero bytes
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 0;
#ifdef REFUSED
  uint64_t value = 1;
#else
  uint64_t value;
#endif
};
inline Node* use(Mutator& mutator) { return make<Node>(mutator); }
