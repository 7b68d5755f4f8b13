#include "engine/base/build.h"

#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// One run per OS thread: explorers may work side by side. The engine itself never reads this, only base/ does.
thread_local Driver* current = nullptr;

}  // namespace

Driver* driver() { return current; }
void set_driver(Driver* driver) { current = driver; }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
#endif
