#include "workloads/runner/gctrace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

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

Gctrace::Gctrace(uint64_t begin_ns, const engine::EngineOptions& engine, uint32_t cores)
    : begin_ns_(begin_ns),
      cores_(engine.cores != 0 ? engine.cores : std::max(1u, cores)),
      markers_(1 + (engine.markers != 0 ? engine.markers : cores_ - 1)) {}

std::string Gctrace::line(const engine::CycleRecord& cycle) {
  const uint64_t stopped_procs = std::min(cycle.procs, cores_);
  const uint64_t sweep = cycle.sweep_term_ns, mark = cycle.mark_ns, end = cycle.mark_termination.pause_go_ns;
  // In a stopped world all marking threads work from begin to end.
  const engine::MarkWork& work = cycle.mark_work;
  const bool stopped = !cycle.sweep_termination;
  const uint64_t assist = stopped ? 0 : work.assist_ns, idle = stopped ? 0 : work.idle_ns;
  const uint64_t background = stopped ? mark * markers_ : work.dedicated_ns + work.fractional_ns;
  cpu_ns_ += (sweep + end) * stopped_procs + assist + background + idle;
  const uint64_t start_ms = (cycle.first_stop().request_ns - begin_ns_) / 1'000'000;
  const double machine_ns = double(cycle.end_ns - begin_ns_) * cycle.procs;
  const int percent = machine_ns > 0 ? int(100 * double(cpu_ns_) / machine_ns) : 0;
  return fmt::format(
      "gc {} @{}.{:03}s {}%: {}+{}+{} ms clock, {}+{}/{}/{}+{} ms cpu, {}->{}->{} MB, {} MB goal, {} P{}",
      cycle.cycle, start_ms / 1000, start_ms % 1000, percent, ms(sweep), ms(mark), ms(end),
      ms(sweep * stopped_procs), ms(assist), ms(background), ms(idle), ms(end * stopped_procs),
      cycle.heap_before >> 20, cycle.heap_end >> 20, cycle.heap_marked >> 20, cycle.goal_at_start >> 20,
      cycle.procs, cycle.forced ? " (forced)" : "");
}

void Gctrace::print(const engine::CycleRecord& cycle) { fmt::print(stderr, "{}\n", line(cycle)); }

}  // namespace sweepscope::workloads
