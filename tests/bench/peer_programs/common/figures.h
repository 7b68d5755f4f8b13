// What the C++ programs of tests/bench/peers share: clocks, random numbers, medians, and the one line of JSON that
// each prints.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace sweepscope::bench {

inline uint64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return uint64_t(t.tv_sec) * 1'000'000'000u + uint64_t(t.tv_nsec);
}
// Of all threads of the process.
inline uint64_t cpu_ns() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return uint64_t(t.tv_sec) * 1'000'000'000u + uint64_t(t.tv_nsec);
}

// Wall and CPU time since its construction.
class Stopwatch {
 public:
  double wall() const { return double(now_ns() - wall_); }  // ns
  double cpu() const { return double(cpu_ns() - cpu_); }    // ns

 private:
  uint64_t wall_ = now_ns(), cpu_ = cpu_ns();
};

// xorshift64 (Marsaglia): a few ns, and the same numbers in every program.
class Random {
 public:
  // n < 2^32
  uint64_t below(uint64_t n) {
    x_ ^= x_ << 13, x_ ^= x_ >> 7, x_ ^= x_ << 17;
    return (x_ >> 32) * n >> 32;
  }

 private:
  uint64_t x_ = 88172645463325252u;
};

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// The longest time between two ticks. Called every 64 operations, so that the clock costs little; the first
// tick only begins.
class LongestGap {
 public:
  void tick() {
    const uint64_t now = now_ns();
    if (last_ != 0) longest_ = std::max(longest_, now - last_);
    last_ = now;
  }
  double ms() const { return double(longest_) / 1e6; }

 private:
  uint64_t last_ = 0, longest_ = 0;
};

class Figures {
 public:
  Figures& add(const char* name, double value) {
    char text[96];
    std::snprintf(text, sizeof text, "%s\"%s\": %.6g", line_.empty() ? "" : ", ", name, value);
    line_ += text;
    return *this;
  }
  void print() const { std::printf("{%s}\n", line_.c_str()); }

 private:
  std::string line_;
};

}  // namespace sweepscope::bench
