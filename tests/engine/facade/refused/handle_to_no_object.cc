// refused: refers to an object of the heap: give the type a kRefs
#include "engine/engine.h"

using namespace sweepscope::engine;

#ifdef REFUSED
using Text = std::string;
#else
using Text = Array<char>;
#endif
inline void use(Mutator& mutator) { Local<Text> text(mutator); }
