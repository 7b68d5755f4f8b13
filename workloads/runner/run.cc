#include "workloads/runner/run.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <cstdio>

#include "engine/engine.h"
#include "workloads/catalogue.h"
#include "workloads/runner/gctrace.h"
#include "workloads/runner/progress_bar.h"
#include "workloads/runner/telemetry_session.h"

namespace sweepscope::workloads {
namespace {

constexpr int kControlStops = 32;  // before the mutators, and again after them

uint64_t monotonic_ns() {  // the clock of engine::Pause
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1'000'000'000 + uint64_t(now.tv_nsec);
}

struct Usage {
  double cpu_s;
  uint64_t peak_rss_bytes;
};
Usage usage() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return {seconds(used.ru_utime) + seconds(used.ru_stime), uint64_t(used.ru_maxrss) * 1024};
}

Expected<> fits_in_memory(const Program& program, const RunSetup& setup) {
  const uint64_t needed = program.heap_bytes_needed(setup.engine.procs, setup.threads);
  const uint64_t available = std::min(available_memory_bytes(), setup.engine.max_heap_bytes);
  constexpr double kGiB = 1 << 30;
  if (available == 0 || needed <= available) return {};
  return wrong(fmt::format("workload {} needs at least {:.1f} GiB of heap and {:.1f} GiB are available", setup.workload,
                           double(needed) / kGiB, double(available) / kGiB));
}

void measure_control(engine::Engine& engine, std::vector<engine::Pause>& into) {
  for (int i = 0; i < kControlStops; ++i) into.push_back(engine.control_stop());
}

void run_mutators(engine::Engine& engine, Program& program, RunControl& control, uint32_t threads) {
  for (uint32_t thread = 0; thread < threads; ++thread)
    engine.start_mutator(fmt::format("mutator {}", thread), [&, thread](engine::Mutator& mutator) {
      program.run(mutator, control, thread, threads);
    });
  engine.join_mutators();
}

std::optional<GapMeter> merged(const std::vector<GapMeter>& meters) {
  GapMeter all;
  for (const GapMeter& meter : meters) all.merge(meter);
  if (!all.ticked()) return std::nullopt;
  return all;
}

}  // namespace

Expected<RunResult> run(const RunOptions& options, const RunSetup& setup, Interrupts& interrupts) {
  const Workload& workload = *find_workload(setup.workload);
  Expected<std::unique_ptr<Program>> program = workload.create(setup.parameters, setup.engine.seed);
  if (!program) return wrong(program.error());
  if (const Expected<> fits = fits_in_memory(**program, setup); !fits) return wrong(fits.error());

  RunResult result;
  result.setup = setup;
  result.environment = environment();
  auto telemetry = TelemetrySession::open(options, setup, result.environment);
  if (!telemetry) return wrong(telemetry.error());
  engine::EngineOptions engine_options = setup.engine;
  if (*telemetry) engine_options.observer = (*telemetry)->observer();
  engine::Engine::Created created = engine::Engine::create(engine_options);
  if (!created.engine) return wrong(created.error);
  engine::Engine& engine = *created.engine;
  measure_control(engine, result.control);
  {
    RunControl control(engine, setup.limits, engine.stats().sweepgen, setup.threads);
    const Interrupts::Subscription on_interrupt(interrupts, [&] {
      control.interrupt();
      engine.pause_mutators(false);  // a viewer's Pause must not keep them from seeing it
    });
    if (*telemetry) (*telemetry)->attach(engine, control);
    const ProgressBar bar(setup.workload, [&] { return control.progress(); },
                          options.quiet ? ProgressBar::Show::kNever : ProgressBar::Show::kOnTerminal);
    const double cpu_before = usage().cpu_s;
    result.interval.begin_ns = monotonic_ns();
    run_mutators(engine, **program, control, setup.threads);
    result.interval.end_ns = monotonic_ns();
    result.cpu_s = usage().cpu_s - cpu_before;
    result.wall_s = double(result.interval.end_ns - result.interval.begin_ns) / 1e9;
    if (*telemetry) (*telemetry)->detach();
    result.gaps = merged(control.gaps());
    if (control.interrupted()) result.outcome = Outcome::kInterrupted;
  }
  result.stats = engine.stats();
  measure_control(engine, result.control);
  if (setup.engine.verify) engine.verify();
  result.peak_rss_bytes = usage().peak_rss_bytes;
  result.figures = (*program)->figures();
  if (const auto complaint = (*program)->self_check()) {
    result.outcome = Outcome::kSelfCheckFailed;
    result.complaint = *complaint;
  }
  created.engine.reset();  // its threads hand over their last events
  if (*telemetry) {
    const Expected<TelemetryCounts> counts = (*telemetry)->finish(result.outcome);
    if (!counts) return wrong(counts.error());
    result.telemetry = *counts;
  }
  return result;
}

}  // namespace sweepscope::workloads
