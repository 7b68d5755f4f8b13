// refused: deleted
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 0;
  uint64_t value;
};
inline void use(Mutator& mutator, Local<Node>& node) {
#ifdef REFUSED
  Local<Node> copy(node);
#else
  Local<Node> another(mutator, node.get());
#endif
}
