#include "engine/laboratory/search/engine_state.h"

#include "engine/gc/runtime_state.h"

namespace sweepscope::laboratory {

void add_engine_state(Digest& digest, engine::Runtime& runtime) {
  StateDigest state(digest);
  runtime.add_state(state);
}

}  // namespace sweepscope::laboratory
