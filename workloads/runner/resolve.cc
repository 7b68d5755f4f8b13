// Resolves the options of a run: fills in defaults and refuses bad values.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "workloads/catalogue.h"
#include "workloads/runner/run.h"

namespace sweepscope::workloads {
namespace {

constexpr uint32_t kMostDefaultThreads = 256;
constexpr uint32_t kMostGogc = 1'000'000;

std::string names_of_workloads() {
  std::vector<std::string_view> names;
  for (const Workload* workload : all_workloads()) names.push_back(workload->name());
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

Expected<RunSetup> resolve(const RunOptions& options) {
  const Workload* workload = find_workload(options.workload);
  if (workload == nullptr)
    return wrong(
        fmt::format("unknown workload '{}': expected one of {}", options.workload, names_of_workloads()));
  Expected<ParameterValues> parameters = ParameterValues::parse(workload->parameters(), options.settings);
  if (!parameters) return wrong(fmt::format("workload {}: {}", options.workload, parameters.error()));

  Defaults defaults;
  const uint32_t cores = std::max(1u, environment().cores);
  defaults.engine.procs = cores;
  workload->adjust(defaults);

  RunSetup setup{options.workload, std::move(*parameters), defaults.engine, 1, defaults.limits};
  if (options.procs) setup.engine.procs = *options.procs;
  if (setup.engine.procs < 1 || setup.engine.procs > engine::kMaxProcs)
    return wrong(fmt::format("--procs {}: expected 1 to {}", setup.engine.procs, engine::kMaxProcs));

  setup.threads =
      options.threads.value_or(defaults.threads.value_or(std::min(setup.engine.procs, kMostDefaultThreads)));
  if (setup.threads < 1 || setup.threads > defaults.most_threads)
    return wrong(fmt::format("--threads {}: workload {} runs 1{}", setup.threads, options.workload,
                             defaults.most_threads == 1 ? "" : fmt::format(" to {}", defaults.most_threads)));

  if (options.gogc) setup.engine.gogc = *options.gogc;
  if (setup.engine.gogc != engine::kGcOff && setup.engine.gogc > kMostGogc)
    return wrong(fmt::format("--gogc {}: expected 'off' or 0 to {}", setup.engine.gogc, kMostGogc));

  const std::vector<std::string> policies = engine::flush_policy_names();
  if (std::ranges::find(policies, options.flush) == policies.end())
    return wrong(fmt::format("unknown flush policy '{}': expected one of {}", options.flush,
                             fmt::join(policies, ", ")));
  setup.engine.flush_policy = options.flush;

  if (options.seconds && options.cycles)
    return wrong("--seconds and --cycles exclude each other: give only one");
  if (options.seconds && !(*options.seconds > 0 && *options.seconds <= kMostSeconds))
    return wrong(fmt::format("--seconds {}: expected more than 0 and at most {} seconds", *options.seconds,
                             kMostSeconds));
  if (options.cycles && (*options.cycles < 1 || *options.cycles > kMostCycles))
    return wrong(fmt::format("--cycles {}: expected 1 to {}", *options.cycles, kMostCycles));
  if (options.seconds) setup.limits = {*options.seconds, 0};
  if (options.cycles) setup.limits = {0, *options.cycles};

  setup.engine.seed = options.seed;
  setup.engine.verify = options.verify;
  setup.engine.poison = options.poison;
  if (options.stw_mark && options.concurrent_mark)
    return wrong("--stw-mark and --concurrent-mark exclude each other: give only one");
  setup.engine.concurrent_mark = !options.stw_mark;
  setup.engine.stw_sweep = options.stw_sweep;
  setup.engine.serial_flush = options.serial_flush;
  setup.engine.core_on_fatal = options.core;
  if (options.heap_limit_mib) {
    if (*options.heap_limit_mib < 1 || *options.heap_limit_mib > kMostHeapMib)
      return wrong(
          fmt::format("--heap-limit {}: expected 1 to {} MiB", *options.heap_limit_mib, kMostHeapMib));
    // The heap grows by whole arenas: use the largest power of two that divides the limit.
    setup.engine.max_heap_bytes = *options.heap_limit_mib << 20;
    setup.engine.arena_bytes =
        std::min(setup.engine.arena_bytes, setup.engine.max_heap_bytes & (~setup.engine.max_heap_bytes + 1));
  }
  return setup;
}

}  // namespace sweepscope::workloads
