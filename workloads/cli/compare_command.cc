// sweepctl compare: runs the same workload under several flush policies.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>

#include "workloads/cli/commands.h"
#include "workloads/cli/flag.h"
#include "workloads/cli/gogc.h"
#include "workloads/runner/child_process.h"
#include "workloads/runner/compare.h"
#include "workloads/runner/output_file.h"
#include "workloads/runner/run.h"

namespace sweepscope::workloads {
namespace {

constexpr uint32_t kMostRepeats = 10'000;

struct CompareFlags {
  CompareOptions options;
  std::optional<uint32_t> threads;
  std::optional<double> seconds;
  std::optional<uint64_t> cycles, seed;
  std::vector<std::string> settings;
  bool verify = false, stw_mark = false, concurrent_mark = false, print_plan = false;
  std::string json, csv;
};

// Checks every combination as `run` would, before the first job starts.
Expected<> check_jobs(const CompareFlags& flags) {
  const CompareOptions& options = flags.options;
  for (const CompareJob& job : plan(options, "sweepctl")) {
    if (job.repeat > 0) break;
    RunOptions run;
    run.workload = options.workload;
    run.settings = flags.settings;
    run.flush = job.flush;
    run.threads = flags.threads;
    run.seconds = flags.seconds;
    run.cycles = flags.cycles;
    run.stw_mark = flags.stw_mark;
    run.concurrent_mark = flags.concurrent_mark;
    if (!job.procs.empty()) {
      uint32_t procs = 0;
      const auto [end, error] = std::from_chars(job.procs.data(), job.procs.data() + job.procs.size(), procs);
      if (error != std::errc() || end != job.procs.data() + job.procs.size())
        return wrong(fmt::format("--procs {}: expected numbers from 1 to {}, separated by commas", job.procs,
                                 engine::kMaxProcs));
      run.procs = procs;
    }
    if (!job.gogc.empty()) {
      const Expected<uint32_t> gogc = parse_gogc(job.gogc);
      if (!gogc) return wrong(gogc.error());
      run.gogc = *gogc;
    }
    if (const Expected<RunSetup> setup = resolve(run); !setup) return wrong(setup.error());
  }
  if (const Expected<> writable = check_writable(flags.json); !writable) return writable;
  return check_writable(flags.csv);
}

int compare_command(CompareFlags& flags, Session& session) {
  CompareOptions& options = flags.options;
  const auto pass_on = [&](const char* flag, const auto& value) {
    if (!value) return;
    options.passed_on.push_back(flag);
    options.passed_on.push_back(fmt::format("{}", *value));
  };
  pass_on("--threads", flags.threads);
  pass_on("--seconds", flags.seconds);
  pass_on("--cycles", flags.cycles);
  pass_on("--seed", flags.seed);
  for (const std::string& setting : flags.settings)
    options.passed_on.insert(options.passed_on.end(), {"--set", setting});
  if (flags.verify) options.passed_on.push_back("--verify");
  if (flags.stw_mark) options.passed_on.push_back("--stw-mark");
  if (flags.concurrent_mark) options.passed_on.push_back("--concurrent-mark");

  if (flags.json == "-" && flags.csv == "-")
    return refuse("--json - and --csv - both write to standard output; name a file for one of them");
  if (const Expected<> good = check_jobs(flags); !good) return refuse(good.error());
  if (flags.print_plan) {
    for (const CompareJob& job : plan(options, own_executable()))
      fmt::print("{}\n", fmt::join(job.arguments, " "));
    return kExitFine;
  }
  const Expected<CompareResult> result = compare(options, session.interrupts);
  if (!result) return refuse(result.error());
  if (flags.json != "-" && flags.csv != "-" && !options.quiet) fmt::print("{}", table(result->rows));
  if (!flags.json.empty()) {
    const Expected<> written = write_text(flags.json, to_json(options, *result).dump(2) + "\n");
    if (!written) return fail_with(written.error());
  }
  if (!flags.csv.empty()) {
    if (const Expected<> written = write_text(flags.csv, csv(result->rows)); !written)
      return fail_with(written.error());
  }
  for (const std::string& failure : result->failures)
    fmt::print(stderr, "sweepctl: a run failed: {}\n", failure);
  return result->failures.empty() ? kExitFine : kExitViolation;
}

}  // namespace

void add_compare(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("compare", "Compare flush policies on the same workload");
  auto flags = std::make_shared<CompareFlags>();
  CompareOptions& o = flags->options;
  command->add_option("WORKLOAD", o.workload, "Name of a workload (see sweepctl list)")->required();
  add_value_list(command, "--flush", o.flush, "Flush policies to compare, separated by commas")
      ->default_str(fmt::format("{}", fmt::join(o.flush, ",")));
  add_value_list(command, "--procs", o.procs, "Numbers of Ps, such as 1,4,16 (default: as in sweepctl run)");
  add_value_list(command, "--gogc", o.gogc, "GOGC values, such as off,100 (default: as in sweepctl run)");
  add_number<uint32_t>(command, "--repeat", o.repeat, {1, kMostRepeats},
                       "Runs of each combination, interleaved with the others")
      ->default_str(std::to_string(o.repeat));
  add_number<uint32_t>(command, "--threads", flags->threads, {1, engine::kMaxProcs}, "As in sweepctl run");
  add_seconds(command, "--seconds", flags->seconds, kMostSeconds, "As in sweepctl run");
  add_number<uint64_t>(command, "--cycles", flags->cycles, {1, kMostCycles}, "As in sweepctl run");
  add_number<uint64_t>(command, "--seed", flags->seed, kSeeds, "As in sweepctl run");
  command->add_option("--set", flags->settings, "As in sweepctl run")->allow_extra_args(false);
  command->add_flag("--verify", flags->verify, "As in sweepctl run");
  add_file(command, "--json", flags->json,
           "Write the table and the results of all runs as JSON to a file, or - for standard output",
           Dash::kStandardOutput);
  add_file(command, "--csv", flags->csv, "Write the table as CSV to a file, or - for standard output",
           Dash::kStandardOutput);
  command->add_flag("--stw-mark", flags->stw_mark, "As in sweepctl run");
  command->add_flag("--concurrent-mark", flags->concurrent_mark, "As in sweepctl run");
  command->add_flag("--plan", flags->print_plan, "Print the commands without running them");
  command->add_flag("--quiet", o.quiet, "Print no table and no progress bar");
  command->callback(
      [&session, flags] { session.chosen = [&session, flags] { return compare_command(*flags, session); }; });
}

}  // namespace sweepscope::workloads
