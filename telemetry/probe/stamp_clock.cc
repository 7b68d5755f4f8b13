#include "telemetry/probe/stamp_clock.h"

#include <time.h>

#include <algorithm>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace sweepscope::telemetry {
namespace {

int64_t clock_monotonic() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

// The narrowest of four pairs of tick reads: the least likely to span an interrupt.
StampClock::Reading read_machine() {
#if defined(__x86_64__)
  StampClock::Reading best{};
  uint64_t best_width = ~uint64_t{0};
  for (int i = 0; i < 4; ++i) {
    const uint64_t before = __rdtsc();
    const int64_t ns = clock_monotonic();
    const uint64_t width = __rdtsc() - before;
    if (width < best_width) {
      best_width = width;
      best = {before + width / 2, ns};
    }
  }
  return best;
#else
  const int64_t ns = clock_monotonic();
  return {static_cast<uint64_t>(ns), ns};
#endif
}

}  // namespace

StampClock::StampClock() : StampClock(&read_machine) {
  Reading now = start_;
  while (now.ns - start_.ns < 1'000'000) now = source_();
  tick();
}

StampClock::StampClock(Source source)
    : source_(std::move(source)), start_(source_()), anchor_ticks_(start_.ticks) {}

void StampClock::tick() {
  const Reading now = source_();
  const int64_t elapsed_ns = now.ns - start_.ns;
  const int64_t elapsed_ticks = static_cast<int64_t>(now.ticks - start_.ticks);
  if (elapsed_ticks <= 0 || elapsed_ns <= 0) {
    if (elapsed_ns > kSlackNs) broken_ = true;  // time advanced and the ticks did not
    return;
  }
  const double true_rate = static_cast<double>(elapsed_ns) / static_cast<double>(elapsed_ticks);
  if (anchor_ns_ == 0) {  // the first measurement: no stamp was converted yet
    rate_ = true_rate;
    anchor_ticks_ = now.ticks;
    anchor_ns_ = elapsed_ns;
    return;
  }
  // Continue from the current line, and correct its error over the next 100 ms.
  const int64_t here = ns(now.ticks);
  const double error = static_cast<double>(elapsed_ns - here);
  const double correction = std::clamp(error / 100'000'000.0, -0.5, 0.5);
  anchor_ticks_ = now.ticks;
  anchor_ns_ = here;
  rate_ = true_rate * (1 + correction);
}

bool StampClock::trusts(uint64_t first_stamp, uint64_t last_stamp, int64_t handed_ns) {
  const auto possible = [&](uint64_t stamp) {
    const int64_t at = ns(stamp);
    return at >= -kSlackNs && at <= handed_ns + kSlackNs;
  };
  if (!possible(first_stamp) || !possible(last_stamp)) broken_ = true;
  return !broken_;
}

int64_t StampClock::monotonic_ns() const { return clock_monotonic() - start_.ns; }

}  // namespace sweepscope::telemetry
