#include "engine/heap/m.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void fail_without_p(M& m) { fail(m, FatalCode::kMisuse, {{"heap_used_inside_blocking_by_thread", m.id}}); }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
