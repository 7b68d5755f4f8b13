// Time, from the seam. Production: the machine's clocks.
// Laboratory: the number of steps taken; no other time exists.
#pragma once

#include <cstdint>

#include "engine/base/build.h"
#ifndef SWEEPSCOPE_LABORATORY
#if defined(__x86_64__)
#include <x86intrin.h>
#endif
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

uint64_t now_ns();  // monotonic nanoseconds

#ifdef SWEEPSCOPE_LABORATORY
uint64_t stamp();
#elif defined(__x86_64__)
inline uint64_t stamp() { return __rdtsc(); }  // for records; telemetry converts it to ns (StampClock)
#else
inline uint64_t stamp() { return now_ns(); }
#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
