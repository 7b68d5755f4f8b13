// sweepctl run: runs one workload on one engine.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "workloads/cli/commands.h"
#include "workloads/cli/flag.h"
#include "workloads/cli/gogc.h"
#include "workloads/runner/output_file.h"
#include "workloads/runner/run.h"
#include "workloads/runner/run_json.h"
#include "workloads/runner/summary.h"

namespace sweepscope::workloads {
namespace {

struct RunFlags {
  RunOptions options;
  std::string gogc, loss = "drop";
};

int run_command(RunFlags& flags, Session& session) {
  RunOptions& options = flags.options;
  options.command_line = session.command_line;
  if (!flags.gogc.empty()) {
    const Expected<uint32_t> gogc = parse_gogc(flags.gogc);
    if (!gogc) return refuse(gogc.error());
    options.gogc = *gogc;
  }
  if (options.flush.find(',') != std::string::npos)
    return refuse(
        fmt::format("--flush {}: a run has one flush policy; sweepctl compare runs several", options.flush));
  options.block_on_loss = flags.loss == "block";
  const Expected<RunSetup> setup = resolve(options);
  if (!setup) return refuse(setup.error());
  if (!options.record.empty() && options.record == options.json)
    return refuse(fmt::format("--record and --json name the same file {}; name two files", options.json));
  if (const Expected<> writable = check_writable(options.json); !writable) return refuse(writable.error());
  const Expected<RunResult> result = run(options, *setup, session.interrupts);
  if (!result) return refuse(result.error());

  if (!options.quiet && options.json != "-") fmt::print("{}", summary(*result));
  if (!options.json.empty()) {
    const Expected<> written = write_text(options.json, to_json(*result).dump(2) + "\n");
    if (!written) return fail_with(written.error());
  }
  if (result->outcome == Outcome::kSelfCheckFailed)
    fmt::print(stderr, "sweepctl: self-check failed: {}\n", result->complaint);
  return exit_code(*result);
}

}  // namespace

void add_run(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("run", "Run a workload");
  auto flags = std::make_shared<RunFlags>();
  RunOptions& o = flags->options;
  command->add_option("WORKLOAD", o.workload, "Name of a workload (see sweepctl list)")->required();
  add_number<uint32_t>(command, "--procs", o.procs, {1, engine::kMaxProcs},
                       "Number of Ps, 1 to 4096 (default: the number of cores)");
  add_number<uint32_t>(command, "--threads", o.threads, {1, engine::kMaxProcs},
                       "Number of mutators (default: the workload's own, or the number of Ps, at most 256)");
  command->add_option(
      "--gogc", flags->gogc,
      "Heap growth in percent that triggers a collection, as Go's GOGC (0: collect continuously), or off "
      "(default: the workload's own, or 100)");
  command->add_option("--flush", o.flush, "Flush policy (see sweepctl list)")->capture_default_str();
  add_number<uint64_t>(command, "--seed", o.seed, kSeeds,
                       "Seed of each mutator's operations; it does not fix their interleaving")
      ->default_str(std::to_string(o.seed));
  add_seconds(command, "--seconds", o.seconds, kMostSeconds,
              "Stop after this many seconds (default: the workload's own limit)");
  add_number<uint64_t>(command, "--cycles", o.cycles, {1, kMostCycles},
                       "Stop after this many collections (default: the workload's own limit)");
  command->add_option("--set", o.settings, "KEY=VALUE: set a parameter of the workload; repeatable")
      ->allow_extra_args(false);
  command->add_flag("--verify", o.verify, "Verify the heap in every collection");
  command->add_flag("--poison", o.poison, "Fill swept memory with 0xDB to expose stale pointers");
  add_number<uint64_t>(command, "--heap-limit", o.heap_limit_mib, {1, kMostHeapMib},
                       "Maximum heap size in MiB; a run fails whose heap has no room after two collections",
                       "MiB")
      ->type_name("MIB");
  command->add_flag("--stw-mark", o.stw_mark,
                    "Mark while the world is stopped, one stop per collection (Go's gcstoptheworld=1)");
  command->add_flag(
      "--concurrent-mark", o.concurrent_mark,
      "Mark concurrently with the program, with a write barrier, between two short stops (the default)");
  command->add_flag("--stw-sweep", o.stw_sweep,
                    "Sweep all spans inside the mark-termination pause (Go's gcstoptheworld=2)");
  command->add_flag(
      "--serial-flush", o.serial_flush,
      "With --flush eager: flush all mcaches on one thread (default: helpers share the work from 64 Ps on)");
  command->add_flag("--core", o.core, "Abort (SIGABRT) on a failed check instead of exiting with code 1");
  add_file(command, "--record", o.record, "Record the events of the engine to this MCAP file");
  command->add_flag("--force", o.force, "Let --record overwrite a file that is not a recording");
  command
      ->add_option("--serve", o.serve,
                   "Serve the dashboard at this socket path (default: the path where it looks for a run)")
      ->expected(0, 1);
  command->add_option("--loss", flags->loss, "When telemetry cannot keep up: drop events or block the engine")
      ->check(CLI::IsMember({"drop", "block"}))
      ->capture_default_str();
  command->add_flag("--gctrace", o.gctrace,
                    "Print one line per collection on standard error, in the format of Go's gctrace");
  add_file(command, "--json", o.json, "Write the result as JSON to a file, or - for standard output",
           Dash::kStandardOutput);
  command->add_flag("--quiet", o.quiet, "Print no summary and no progress bar");
  command->callback(
      [&session, flags] { session.chosen = [&session, flags] { return run_command(*flags, session); }; });
}

}  // namespace sweepscope::workloads
