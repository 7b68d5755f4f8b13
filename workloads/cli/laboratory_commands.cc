// sweepctl explore and sweepctl step: the flags of the laboratory's two commands.
#include <CLI/CLI.hpp>
#include <memory>

#include "workloads/cli/commands.h"
#include "workloads/laboratory/explore_command.h"
#include "workloads/laboratory/step_command.h"
#include "workloads/runner/output_file.h"

namespace sweepscope::workloads {
namespace {

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
          "words of an engine check, I1 to I15, accounting, contents, finalizers, or engine or oracle for all. "
          "A fault passes the rules that stand before its harm unless --check is given")
      ->expected(1)
      ->take_all();
  command->add_option("--procs", o->procs, "Number of Ps (default: the scenario's)");
  command->add_option("--spans", o->spans, "Number of spans (default: the scenario's)");
  command->add_option("--strategy", o->strategy, "How it searches: random, pct, mix or dfs")
      ->capture_default_str();
  command
      ->add_option("--preemptions", o->preemptions, "dfs: the highest bound, or none for all interleavings")
      ->capture_default_str();
  command->add_flag("--matrix", o->matrix,
                    "Every fault under every policy; --out FILE: between its marker lines");
  command->add_option("--schedules", o->schedules, "Stop after so many schedules");
  command->add_option("--seconds", o->seconds, "Stop after so long");
  command->add_option("--seed", o->seed, "Of the search (default: from the clock, printed)");
  command->add_option("--out", o->out, "The violation's schedule goes here");
  command->add_option("--record", o->record, "A recording of the violation goes here");
  command->add_option("--json", o->json, "Write the result to a file, or - for standard output");
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
  command->add_option("SCHEDULE", o->schedule, "A file written by `explore --out`")->required();
  command->add_option("--record", o->record, "A recording of the replay goes here");
  command->add_option("--json", o->json, "Write the result to a file, or - for standard output");
  command->add_flag("--quiet", o->quiet, "No list of steps, no summary");
  command->callback([&session, o] {
    session.chosen = [o] {
      if (const int bad = first_unwritable({o->record, o->json}); bad != kExitFine) return bad;
      return step_command(*o);
    };
  });
}

}  // namespace sweepscope::workloads
