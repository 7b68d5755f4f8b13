#include "workloads/runner/process_usage.h"

#include <sys/resource.h>
#include <time.h>

namespace sweepscope::workloads {

uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1'000'000'000 + uint64_t(now.tv_nsec);
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

uint64_t peak_rss_bytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return uint64_t(used.ru_maxrss) * 1024;
}

}  // namespace sweepscope::workloads
