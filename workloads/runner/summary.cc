#include "workloads/runner/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "workloads/counted.h"
#include "workloads/runner/stops.h"

namespace sweepscope::workloads {
namespace {

constexpr double kMiB = 1 << 20;

Distribution microseconds(const std::vector<engine::Pause>& pauses, uint64_t engine::Pause::*figure) {
  std::vector<double> values;
  for (const engine::Pause& pause : pauses) values.push_back(double(pause.*figure) / 1e3);
  return distribution(std::move(values));
}

void add_row(std::string& out, const char* what, const Distribution& d) {
  if (d.count == 0) return;
  fmt::format_to(std::back_inserter(out), "  {:<34} {:>9.1f} {:>9.1f} {:>9.1f}\n", what, d.p50, d.p99, d.max);
}

}  // namespace

std::string summary(const RunResult& result) {
  const auto& stats = *result.stats;  // present: the run ended in order
  const auto& engine = result.setup.engine;
  std::string out = fmt::format(
      "{}  procs {}  threads {}  flush {}  gogc {}  seed {}\n"
      "{}: {:.3f} s wall, {:.3f} s CPU, {}\n"
      "allocated {}, {:.1f} MiB; live {:.1f} MiB; peak RSS {:.1f} MiB\n",
      result.setup.workload, engine.procs, result.setup.threads, engine.flush_policy,
      engine.gogc == engine::kGcOff ? "off" : std::to_string(engine.gogc), engine.seed, name(result.outcome),
      result.wall_s, result.cpu_s, counted(result.cycles.size(), "collection"),
      counted(stats.alloc_objects, "object"), double(stats.alloc_bytes) / kMiB,
      double(stats.heap_live) / kMiB, double(result.peak_rss_bytes) / kMiB);
  if (!result.cycles.empty()) {
    std::vector<engine::Pause> sweep, mark;
    std::vector<double> barrier;
    for (const engine::CycleRecord& cycle : result.cycles) {
      for_each_stop(cycle, [&](const engine::Pause& pause) {
        (pause.reason == observe::StwReason::kSweepTermination ? sweep : mark).push_back(pause);
      });
      if (cycle.flush_barrier) barrier.push_back(double(cycle.flush_barrier->ns) / 1e3);
    }
    out += fmt::format("  {:<34} {:>9} {:>9} {:>9}\n", "microseconds", "p50", "p99", "max");
    add_row(out, "pause, sweep termination", microseconds(sweep, &engine::Pause::pause_ns));
    add_row(out, engine.concurrent_mark ? "pause, mark termination" : "pause, whole collection",
            microseconds(mark, &engine::Pause::pause_ns));
    add_row(out, "  time to stop", microseconds(mark, &engine::Pause::ttsp_ns));
    if (!engine.concurrent_mark) add_row(out, "  marking", microseconds(mark, &engine::Pause::mark_ns));
    add_row(out, "  mcache flushes", microseconds(mark, &engine::Pause::flush_ns));
    add_row(out, "  start of the world", microseconds(mark, &engine::Pause::start_ns));
    add_row(out, "mark termination as in gctrace", microseconds(mark, &engine::Pause::pause_go_ns));
    add_row(out, "stop without work, to compare", microseconds(result.control, &engine::Pause::pause_ns));
    add_row(out, "flush barrier", distribution(std::move(barrier)));
  }
  if (const auto& recording = result.telemetry.recording; recording && !recording->complete())
    out +=
        fmt::format("recording {} is incomplete: {}\n", recording->file, counted(recording->events, "event"));
  if (!result.complaint.empty()) out += fmt::format("self-check failed: {}\n", result.complaint);
  return out;
}

}  // namespace sweepscope::workloads
