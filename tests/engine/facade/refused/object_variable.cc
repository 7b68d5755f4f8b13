// refused: hold an object in a Local
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
};
inline void use(Mutator& mutator) {
#ifdef REFUSED
  Node node{};
#else
  Local<Node> node(mutator, make<Node>(mutator));
#endif
}
