// sweepctl explore and sweepctl step: the flags of the laboratory's two commands.
#include <CLI/CLI.hpp>
#include <memory>

#include "engine/options.h"
#include "workloads/cli/commands.h"
#include "workloads/cli/flag.h"
#include "workloads/laboratory/explore_command.h"
#include "workloads/laboratory/step_command.h"
#include "workloads/runner/output_file.h"
#include "workloads/runner/run_options.h"

namespace sweepscope::workloads {
namespace {

constexpr uint32_t kMostSpans = 1'000'000;
constexpr uint64_t kMostSchedules = 1'000'000'000'000;

// Before a long search rather than after it.
int first_unwritable(std::initializer_list<std::string> files) {
  for (const std::string& file : files)
    if (const Expected<> writable = check_writable(file); !writable) return refuse(writable.error());
  return kExitFine;
}

}  // namespace

void add_explore(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("explore", "Search interleavings of the real engine for one that breaks a rule");
  auto o = std::make_shared<ExploreOptions>();
  command->add_option("SCENARIO", o->scenario, "One of `sweepctl list` (default: those that fit)");
  command->add_option("--flush", o->flush, "Flush policy")->capture_default_str();
  command->add_option("--fault", o->fault, "A fault of `sweepctl list`, to be found");
  command
      ->add_option(
          "--check", o->checks,
          "RULE=MODE, repeatable, the last one wins. MODE: stop (default), note and go on, off. RULE: the "
          "words of an engine check, I1 to I15, accounting, or engine or oracle for all. A fault passes the "
          "rules that stand before its harm unless --check is given")
      ->expected(1)
      ->take_all();
  // What a scenario takes at most is its own; the laboratory names it.
  add_number<uint32_t>(command, "--procs", o->procs, {1, engine::kMaxProcs},
                       "Number of Ps (default: the scenario's)");
  add_number<uint32_t>(command, "--spans", o->spans, {1, kMostSpans},
                       "Number of spans (default: the scenario's)");
  command->add_option("--strategy", o->strategy, "How it searches: random, pct, mix or dfs")
      ->capture_default_str();
  command
      ->add_option("--preemptions", o->preemptions, "dfs: the highest bound, or none for all interleavings")
      ->capture_default_str();
  command->add_flag("--matrix", o->matrix,
                    "Every fault under every policy; --out FILE: between its marker lines");
  add_number<uint64_t>(command, "--schedules", o->schedules, {1, kMostSchedules},
                       "Stop after so many schedules");
  add_seconds(command, "--seconds", o->seconds, kMostSeconds, "Stop after so long");
  add_number<uint64_t>(command, "--seed", o->seed, kSeeds,
                       "Of the search (default: from the clock, printed)");
  add_file(command, "--out", o->out, "The violation's schedule goes here");
  add_file(command, "--record", o->record, "A recording of the violation goes here");
  add_file(command, "--json", o->json, "Write the result to a file, or - for standard output",
           Dash::kStandardOutput);
  command->add_flag("--quiet", o->quiet, "No summary, no progress");
  command->callback([&session, o] {
    session.chosen = [&session, o] {
      if (const int bad = first_unwritable({o->out, o->record, o->json}); bad != kExitFine) return bad;
      o->interrupted = &session.interrupts.happened();
      return explore_command(*o);
    };
  });
}

void add_step(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("step", "Replay a schedule exactly");
  auto o = std::make_shared<StepOptions>();
  command->add_option("SCHEDULE", o->schedule, "A file written by `explore --out`")
      ->required()
      ->check(not_empty);
  add_file(command, "--record", o->record, "A recording of the replay goes here");
  add_file(command, "--json", o->json, "Write the result to a file, or - for standard output",
           Dash::kStandardOutput);
  command->add_flag("--quiet", o->quiet, "No list of steps, no summary");
  command->callback([&session, o] {
    session.chosen = [o] {
      if (const int bad = first_unwritable({o->record, o->json}); bad != kExitFine) return bad;
      return step_command(*o);
    };
  });
}

}  // namespace sweepscope::workloads
