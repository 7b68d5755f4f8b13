// Converts the engine's stamps (TSC ticks) to nanoseconds since the clock was created.
//
// The rate is measured over a millisecond at the start and again at every tick of the drain thread, so an
// error of the first measurement is slewed away instead of growing with the run: between two ticks the
// conversion is a straight line that starts where the last one ended, so time never jumps.
//
// Checked: no stamp of a chunk is later than its hand-over or earlier than the clock. If one is (no invariant
// TSC, unsynchronised cores), the TSC is not used again: all records of a chunk get the CLOCK_MONOTONIC time
// of its hand-over, which is coarse and right.
//
// Call monotonic_ns() from any thread, the rest from the drain thread only.
#pragma once

#include <cstdint>
#include <functional>

namespace sweepscope::telemetry {

class StampClock {
 public:
  struct Reading {
    uint64_t ticks;
    int64_t ns;
  };
  using Source = std::function<Reading()>;

  StampClock();                        // this machine's TSC and CLOCK_MONOTONIC
  explicit StampClock(Source source);  // for tests

  // Measures the rate again. Call every few milliseconds.
  void tick();

  // Whether the stamps of a chunk may be converted; once false, false for good.
  bool trusts(uint64_t first_stamp, uint64_t last_stamp, int64_t handed_ns);

  int64_t ns(uint64_t stamp) const {
    const double ticks = static_cast<double>(static_cast<int64_t>(stamp - anchor_ticks_));
    return anchor_ns_ + static_cast<int64_t>(ticks * rate_);
  }

  int64_t monotonic_ns() const;  // since the clock was made
  bool broken() const { return broken_; }

 private:
  static constexpr int64_t kSlackNs = 1'000'000;  // tolerated error of a stamp

  const Source source_;
  const Reading start_;
  uint64_t anchor_ticks_;
  int64_t anchor_ns_ = 0;
  double rate_ = 1;  // ns per tick
  bool broken_ = false;
};

}  // namespace sweepscope::telemetry
