// refused: the collector runs no destructors
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Node {
  static constexpr size_t kRefs = 0;
#ifdef REFUSED
  std::string name;
#else
  char name[16];
#endif
};
inline Node* use(Mutator& mutator) { return make<Node>(mutator); }
