// refused: elements are plain data
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
};
inline void use(Mutator& mutator) {
#ifdef REFUSED
  make_array<Node>(mutator, 10);
#else
  make_array<Ref<Node>>(mutator, 10);
#endif
}
