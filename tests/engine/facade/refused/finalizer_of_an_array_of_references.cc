// refused: give the finalizer to an object
#include "engine/engine.h"

using namespace sweepscope::engine;

struct Owner {
  static constexpr size_t kRefs = 1;
  Ref<Array<Ref<std::byte>>> array;
};
inline void use(Mutator& mutator, Owner* owner) {
#ifdef REFUSED
  set_finalizer(mutator, owner->array.get(), 1);
#else
  set_finalizer(mutator, owner, 1);
#endif
}
