// sweepctl run: one workload on one engine.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "workloads/cli/commands.h"
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
  options.block_on_loss = flags.loss == "block";
  const Expected<RunSetup> setup = resolve(options);
  if (!setup) return refuse(setup.error());
  if (const Expected<> writable = check_writable(options.json); !writable) return refuse(writable.error());
  const Expected<RunResult> result = run(options, *setup, session.interrupts);
  if (!result) return refuse(result.error());

  if (!options.quiet && options.json != "-") fmt::print("{}", summary(*result));
  if (!options.json.empty()) {
    const Expected<> written = write_text(options.json, to_json(*result).dump(2) + "\n");
    if (!written) return refuse(written.error());
  }
  if (result->outcome == Outcome::kSelfCheckFailed)
    fmt::print(stderr, "sweepctl: self-check failed: {}\n", result->complaint);
  return exit_code(result->outcome);
}

}  // namespace

void add_run(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("run", "Run a workload");
  auto flags = std::make_shared<RunFlags>();
  RunOptions& o = flags->options;
  command->add_option("WORKLOAD", o.workload, "One of `sweepctl list`")->required();
  command->add_option("--procs", o.procs, "Number of Ps, 1 to 4096 (default: the machine's cores)");
  command->add_option("--threads", o.threads, "Number of mutators (default: the number of Ps, at most 256)");
  command->add_option("--gogc", flags->gogc,
                      "Heap growth in percent that starts a collection (0: collect all the time), or off");
  command->add_option("--flush", o.flush, "Flush policy")->capture_default_str();
  command->add_option("--seed", o.seed, "Fixes each mutator's operations, not their interleaving")
      ->capture_default_str();
  command->add_option("--seconds", o.seconds, "Run for so long");
  command->add_option("--cycles", o.cycles, "Run for so many collections");
  command->add_option("--set", o.settings, "KEY=VALUE, a parameter of the workload")->allow_extra_args(false);
  command->add_flag("--verify", o.verify, "Verify the heap in every collection");
  command->add_flag("--poison", o.poison, "Fill swept memory with 0xDB, so that stale raw pointers show");
  command->add_option("--heap-limit", o.heap_limit_mib, "MiB of heap; more is out of memory, a failed check");
  command->add_flag(
      "--concurrent-mark", o.concurrent_mark,
      "Mark beside the running program, with a write barrier; without it marking stops the world");
  command->add_flag("--stw-sweep", o.stw_sweep,
                    "Sweep everything inside the mark-termination pause (Go's gcstoptheworld=2)");
  command->add_flag("--core", o.core, "Abort on a failed check instead of exit code 1");
  command->add_option("--record", o.record, "Record the telemetry into an MCAP file");
  command->add_flag("--force", o.force, "Let --record overwrite a file that is not a recording");
  command
      ->add_option("--serve", o.serve,
                   "Serve viewers at a socket's path (default: one that the dashboard knows)")
      ->expected(0, 1);
  command
      ->add_option("--loss", flags->loss, "When telemetry cannot keep up: drop events, or block the engine")
      ->check(CLI::IsMember({"drop", "block"}))
      ->capture_default_str();
  command->add_flag("--gctrace", o.gctrace,
                    "A line per collection on standard error, in the format of Go's gctrace");
  command->add_option("--json", o.json, "Write the result to a file, or - for standard output");
  command->add_flag("--quiet", o.quiet, "No summary, no progress");
  command->callback(
      [&session, flags] { session.chosen = [&session, flags] { return run_command(*flags, session); }; });
}

}  // namespace sweepscope::workloads
