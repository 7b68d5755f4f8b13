// refused: deleted
#include "engine/engine.h"

using namespace sweepscope::engine;

inline void use(Engine& engine) {
#ifdef REFUSED
  Attached first(engine);
  Attached second(std::move(first));
#else
  Attached only(engine);
#endif
}
