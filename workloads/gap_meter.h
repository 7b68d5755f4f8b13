// Mutator gaps: how long a mutator was kept from its work, for any reason (a pause, a refill, the machine).
//
// A mutator calls tick() between equal small pieces of its work (about 64 operations, so that the clock costs
// well under a nanosecond each). The time between two ticks is a gap if it is at least kLeastNs; shorter
// times are the work itself. Stored in buckets that grow by 1/16: percentiles are within 6 %, the maximum is
// exact. Each thread has its own meter.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace sweepscope::workloads {

class alignas(64) GapMeter {
 public:
  static constexpr uint64_t kLeastNs = 20'000;

  void tick() {
    const auto now = std::chrono::steady_clock::now();
    if (last_.time_since_epoch().count() != 0) {
      const uint64_t ns = uint64_t(std::chrono::nanoseconds(now - last_).count());
      if (ns >= kLeastNs) [[unlikely]]
        add(ns);
    }
    last_ = now;
    ticked_ = true;
  }
  // Called after a time that is not a gap (the program waited by itself).
  void restart() { last_ = {}; }

  void add(uint64_t ns) {
    ++buckets_[bucket(ns)];
    ++count_;
    if (ns > max_ns_) max_ns_ = ns;
  }
  void merge(const GapMeter& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    ticked_ = ticked_ || other.ticked_;
    if (other.max_ns_ > max_ns_) max_ns_ = other.max_ns_;
  }

  bool ticked() const { return ticked_; }  // false: the program does not measure its gaps
  uint64_t count() const { return count_; }
  uint64_t max_ns() const { return max_ns_; }
  // The upper bound of the bucket that holds percentile `part` (0..1), at most the maximum. 0 without gaps.
  uint64_t percentile_ns(double part) const {
    uint64_t wanted = uint64_t(part * double(count_) + 0.999999);
    for (size_t i = 0; i < buckets_.size(); ++i) {
      if (buckets_[i] >= wanted) return std::min(upper_bound(i), max_ns_);
      wanted -= buckets_[i];
    }
    return max_ns_;
  }

 private:
  static constexpr int kSubBits = 4;
  static size_t bucket(uint64_t ns) {
    const int top = 63 - std::countl_zero(ns | 16);
    return size_t(top - kSubBits) * 16 + ((ns >> (top - kSubBits)) & 15);
  }
  static uint64_t upper_bound(size_t bucket) { return ((16 + bucket % 16 + 1) << (bucket / 16)) - 1; }

  std::chrono::steady_clock::time_point last_{};
  bool ticked_ = false;
  uint64_t count_ = 0, max_ns_ = 0;
  std::array<uint32_t, 60 * 16> buckets_{};
};

}  // namespace sweepscope::workloads
