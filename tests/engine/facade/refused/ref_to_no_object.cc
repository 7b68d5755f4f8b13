// refused: refers to an object of the heap: give the type a kRefs
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Name {
#ifndef REFUSED
  static constexpr size_t kRefs = 0;
#endif
  char letters[16];
};
struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Name> name;
};
inline void use(Mutator& mutator, Node& node, Name* name) { node.name.set(mutator, name); }
