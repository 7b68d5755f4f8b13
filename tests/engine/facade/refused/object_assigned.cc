// refused: to copy a reference: a.set(mutator, b.get())
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
};
inline void use(Mutator& mutator, Node& to, const Node& from) {
#ifdef REFUSED
  to = from;
#else
  to.next.set(mutator, from.next.get());
#endif
}
