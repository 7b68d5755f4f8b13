#include "workloads/runner/gctrace.h"

#include <fmt/format.h>

#include <cmath>

namespace sweepscope::workloads {
namespace {

// Milliseconds with two or three significant digits, as Go prints them: 12, 3.0, 0.18, 0.018, 0.
std::string ms(uint64_t ns) {
  if (ns >= 10'000'000) return fmt::format("{}", ns / 1'000'000);
  uint64_t digits = ns / 1000;
  if (digits == 0) return "0";
  int decimals = 3;
  for (; digits >= 100; digits /= 10) --decimals;
  return fmt::format("{:.{}f}", double(digits) / std::pow(10, decimals), decimals);
}

}  // namespace

uint64_t gc_cpu_ns(const engine::CycleRecord& cycle, uint32_t procs, uint32_t markers) {
  return (cycle.sweep_termination.pause_go_ns + cycle.mark_termination.pause_go_ns) * procs + cycle.mark_ns * markers;
}

std::string gctrace_line(const engine::CycleRecord& cycle, uint64_t begin_ns, uint64_t gc_cpu_so_far, uint32_t procs,
                         uint32_t markers) {
  constexpr double kMiB = 1 << 20;
  const uint64_t sweep = cycle.sweep_termination.pause_go_ns, mark = cycle.mark_ns,
                 end = cycle.mark_termination.pause_go_ns;
  const double wall = double(cycle.end_ns - begin_ns);
  const double percent = wall > 0 ? 100 * double(gc_cpu_so_far) / (wall * procs) : 0;
  return fmt::format(
      "gc {} @{:.3f}s {:.0f}%: {}+{}+{} ms clock, {}+0/{}/0+{} ms cpu, {}->{}->{} MB, {} MB goal, {} P{}", cycle.cycle,
      double(cycle.start_ns - begin_ns) / 1e9, percent, ms(sweep), ms(mark), ms(end),
      ms(sweep * procs), ms(mark * markers), ms(end * procs),
      uint64_t(double(cycle.heap_before) / kMiB), uint64_t(double(cycle.heap_before) / kMiB),
      uint64_t(double(cycle.heap_marked) / kMiB), uint64_t(double(cycle.goal) / kMiB), procs,
      cycle.forced ? " (forced)" : "");
}

}  // namespace sweepscope::workloads
