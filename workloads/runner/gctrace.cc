#include "workloads/runner/gctrace.h"

#include <fmt/format.h>

namespace sweepscope::workloads {
namespace {

double ms(uint64_t ns) { return double(ns) / 1e6; }

// Three significant digits below 10, as Go prints them.
std::string figure(double value) {
  if (value >= 10) return fmt::format("{:.0f}", value);
  if (value >= 1) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2g}", value);
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
      double(cycle.start_ns - begin_ns) / 1e9, percent, figure(ms(sweep)), figure(ms(mark)), figure(ms(end)),
      figure(ms(sweep * procs)), figure(ms(mark * markers)), figure(ms(end * procs)),
      uint64_t(double(cycle.heap_before) / kMiB), uint64_t(double(cycle.heap_before) / kMiB),
      uint64_t(double(cycle.heap_marked) / kMiB), uint64_t(double(cycle.goal) / kMiB), procs,
      cycle.forced ? " (forced)" : "");
}

}  // namespace sweepscope::workloads
