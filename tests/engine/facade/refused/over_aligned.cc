// refused: objects are aligned to 8 bytes
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Block {
  static constexpr size_t kRefs = 0;
#ifdef REFUSED
  alignas(16) char bytes[16];
#else
  alignas(8) char bytes[16];
#endif
};
inline Block* use(Mutator& mutator) { return make<Block>(mutator); }
