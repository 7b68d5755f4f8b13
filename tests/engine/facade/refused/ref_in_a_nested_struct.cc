// refused: the Ref fields must come first
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Entry {
  Ref<std::byte> key;
#ifdef REFUSED
  uint64_t hash;
#endif
};
struct Table {
  static constexpr size_t kRefs = 2;
  Entry entries[2];
};
inline Table* use(Mutator& mutator) { return make<Table>(mutator); }
