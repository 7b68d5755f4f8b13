// refused: an Array has a length: use make_array<E>
#include "engine/engine.h"

using namespace sweepscope::engine;

inline void use(Mutator& mutator) {
#ifdef REFUSED
  Local<Array<char>> text(mutator, make<Array<char>>(mutator));
#else
  Local<Array<char>> text(mutator, make_array<char>(mutator, 10));
#endif
}
