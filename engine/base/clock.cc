#include "engine/base/clock.h"

#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#else
#include <ctime>
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifdef SWEEPSCOPE_LABORATORY
uint64_t now_ns() { return driver() != nullptr ? driver()->now() : 0; }
uint64_t stamp() { return now_ns(); }
#else
uint64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}
#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
