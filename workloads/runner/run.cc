#include "workloads/runner/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "engine/engine.h"
#include "workloads/catalogue.h"
#include "workloads/runner/gctrace.h"
#include "workloads/runner/mutator_watch.h"
#include "workloads/runner/partial_result.h"
#include "workloads/runner/process_usage.h"
#include "workloads/runner/progress_bar.h"
#include "workloads/runner/telemetry_session.h"

namespace sweepscope::workloads {
namespace {

constexpr int kControlStops = 32;  // before the mutators start, and again after they have ended

// "12.5 GiB": the largest unit in which the number is at least 1.
std::string bytes_text(uint64_t bytes) {
  double amount = double(bytes);
  const char* unit = "KiB";
  amount /= 1024;
  for (const char* larger : {"MiB", "GiB", "TiB"})
    if (amount >= 1024) {
      amount /= 1024;
      unit = larger;
    }
  return fmt::format("{:.1f} {}", amount, unit);
}

Expected<> fits_in_memory(const Program& program, const RunOptions& options, const RunSetup& setup) {
  const uint64_t needed = program.heap_bytes_needed(setup.engine.procs, setup.threads);
  const std::string needs =
      fmt::format("workload {} needs at least {} of heap", setup.workload, bytes_text(needed));
  if (needed > setup.engine.max_heap_bytes) {
    const uint64_t mib = (needed + (1 << 20) - 1) >> 20;
    const std::string limit = options.heap_limit_mib ? fmt::format("--heap-limit {}", *options.heap_limit_mib)
                                                     : fmt::format("the heap's limit of {}",
                                                                   bytes_text(setup.engine.max_heap_bytes));
    if (mib > kMostHeapMib)
      return wrong(fmt::format("{}: {}: lower its parameters or --threads", limit, needs));
    return wrong(fmt::format("{}: {}: expected {} to {} MiB", limit, needs, mib, kMostHeapMib));
  }
  const uint64_t available = available_memory_bytes();
  if (available == 0 || needed <= available) return {};
  return wrong(fmt::format("{}, but only {} of memory are available: lower its parameters or --threads",
                           needs, bytes_text(available)));
}

void measure_control(engine::Engine& engine, std::vector<engine::Pause>& into) {
  for (int i = 0; i < kControlStops; ++i) into.push_back(engine.control_stop());
}

void start_mutators(engine::Engine& engine, Program& program, RunControl& control, MutatorWatch& watch,
                    uint32_t threads) {
  for (uint32_t thread = 0; thread < threads; ++thread)
    engine.start_mutator(fmt::format("mutator {}", thread),
                         [&program, &control, &watch, thread, threads](engine::Mutator& mutator) {
                           program.run(mutator, control, thread, threads);
                           watch.mutator_returned();
                         });
}

// The remaining mutators still use the world, the program and the engine: none of these can be destroyed, and
// the engine cannot be stopped for its statistics.
[[noreturn]] void give_up_waiting(const RunOptions& options, const RunSetup& setup, uint32_t running,
                                  MutatorWatch::End end, PartialResult& partial) {
  const std::string since = end == MutatorWatch::End::kInterrupted
                                ? "the interrupt"
                                : fmt::format("the run's end after {:g} s", setup.limits.seconds);
  const std::string message = fmt::format("{} of {} mutators did not stop within {:g} s of {}", running,
                                          setup.threads, options.stop_patience_s, since);
  fmt::print(stderr, "sweepctl: {}; the run ends without them\n", message);
  partial.write(Outcome::kInterrupted, message, std::nullopt);
  std::fflush(nullptr);
  _exit(1);
}

std::optional<GapMeter> merged(const std::vector<GapMeter>& meters) {
  GapMeter all;
  for (const GapMeter& meter : meters) all.merge(meter);
  if (!all.ticked()) return std::nullopt;
  return all;
}

}  // namespace

Expected<RunResult> run(const RunOptions& options, const RunSetup& setup, Interrupts& interrupts) {
  return run(options, setup, *find_workload(setup.workload), interrupts);
}

Expected<RunResult> run(const RunOptions& options, const RunSetup& setup, const Workload& workload,
                        Interrupts& interrupts) {
  Expected<std::unique_ptr<Program>> program = workload.create(setup.parameters, setup.engine.seed);
  if (!program) return wrong(program.error());
  if (const Expected<> fits = fits_in_memory(**program, options, setup); !fits) return wrong(fits.error());

  RunResult result;
  result.setup = setup;
  result.environment = environment();
  auto telemetry = TelemetrySession::open(options, setup, result.environment);
  if (!telemetry) return wrong(telemetry.error());
  // Time 0 of the recording and of the dashboard's clock, so that all times of a run have one origin.
  result.origin_ns = monotonic_ns() - (*telemetry ? uint64_t((*telemetry)->now_ns()) : 0);
  Gctrace gctrace(result.origin_ns, setup.engine, result.environment.cores);
  PartialResult partial(options, std::move(result), telemetry->get());
  engine::EngineOptions engine_options = setup.engine;
  if (*telemetry) engine_options.observer = (*telemetry)->observer();
  engine_options.on_cycle = [&](const engine::CycleRecord& cycle) {
    partial.cycle_ended(cycle);
    if (options.gctrace) gctrace.print(cycle);
  };
  engine_options.on_fatal = [&](const engine::FatalReport& report) {
    partial.write(Outcome::kCheckFailed, fmt::format("{}: {}", report.words, report.meaning),
                  check_failure(report));
  };
  engine::Engine::Created created = engine::Engine::create(engine_options);
  if (!created.engine) return wrong(created.error);
  engine::Engine& engine = *created.engine;
  std::vector<engine::Pause> control_stops;
  measure_control(engine, control_stops);
  partial.update([&](RunResult& known) { known.control = control_stops; });
  {
    RunControl control(engine, setup.limits, engine.stats().sweepgen, setup.threads);
    MutatorWatch watch(setup.threads);
    const Interrupts::Subscription on_interrupt(interrupts, [&] {
      control.interrupt();
      engine.pause_mutators(false);  // paused mutators could not check for the interrupt
      watch.interrupt();
    });
    if (*telemetry) (*telemetry)->attach(engine, control);
    const ProgressBar bar(
        setup.workload, [&] { return control.progress(); },
        options.quiet || options.gctrace ? ProgressBar::Show::kNever : ProgressBar::Show::kOnTerminal);
    partial.update([&](RunResult& known) {
      known.cpu_s_before = cpu_seconds();
      known.interval.begin_ns = monotonic_ns();
    });
    start_mutators(engine, **program, control, watch, setup.threads);
    const MutatorWatch::End end = watch.wait(std::chrono::duration<double>(setup.limits.seconds));
    if (end == MutatorWatch::End::kTimeLimit) engine.pause_mutators(false);  // as above
    const std::chrono::duration<double> patience(options.stop_patience_s);
    if (const uint32_t running = watch.wait_for_remaining(patience); running > 0)
      give_up_waiting(options, setup, running, end, partial);
    engine.join_mutators();
    partial.update([&](RunResult& known) {
      known.interval.end_ns = monotonic_ns();
      known.cpu_s = cpu_seconds() - known.cpu_s_before;
      known.wall_s = double(known.interval.end_ns - known.interval.begin_ns) / 1e9;
    });
    if (*telemetry) (*telemetry)->detach();
    partial.update([&](RunResult& known) {
      known.gaps = merged(control.gaps());
      if (control.interrupted()) known.outcome = Outcome::kInterrupted;
    });
  }
  engine::EngineStats stats = engine.stats();
  measure_control(engine, control_stops);
  partial.update([&](RunResult& known) {
    known.stats = std::move(stats);
    known.control = std::move(control_stops);
    known.peak_rss_bytes = peak_rss_bytes();
    known.figures = (*program)->figures();
    if (auto complaint = (*program)->self_check()) {
      known.outcome = Outcome::kSelfCheckFailed;
      known.complaint = std::move(*complaint);
    }
  });
  if (setup.engine.verify) static_cast<void>(engine.verify());  // a violation ends the process
  created.engine.reset();                                       // its threads deliver their last events
  result = partial.take();
  if (*telemetry) result.telemetry = (*telemetry)->finish(result.outcome);
  return result;
}

}  // namespace sweepscope::workloads
