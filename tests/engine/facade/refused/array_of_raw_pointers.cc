// refused: use an Array<Ref<T>>
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 0;
  uint64_t value;
};
inline void use(Mutator& mutator) {
#ifdef REFUSED
  make_array<Node*>(mutator, 10);
#else
  make_array<Ref<Node>>(mutator, 10);
#endif
}
