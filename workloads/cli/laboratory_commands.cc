// sweepctl explore and sweepctl step: their flags.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <utility>

#include "engine/options.h"
#include "workloads/cli/commands.h"
#include "workloads/cli/flag.h"
#include "workloads/laboratory/explore_command.h"
#include "workloads/laboratory/serve_command.h"
#include "workloads/laboratory/step_command.h"
#include "workloads/runner/output_file.h"
#include "workloads/runner/run_options.h"

namespace sweepscope::workloads {
namespace {

constexpr uint32_t kMostSpans = 1'000'000;
constexpr uint64_t kMostSchedules = 1'000'000'000'000;

// Called before a long search, so that it does not fail at its end.
int first_unwritable(std::initializer_list<std::string> files) {
  for (const std::string& file : files)
    if (const Expected<> writable = check_writable(file); !writable) return refuse(writable.error());
  return kExitFine;
}

}  // namespace

void add_explore(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("explore", "Search interleavings of the real engine for one that violates a rule");
  auto o = std::make_shared<ExploreOptions>();
  command->add_option("SCENARIO", o->scenario,
                      "Name of a scenario, see sweepctl list (default: all that fit the fault)");
  command->add_option("--flush", o->flush, "Flush policy (see sweepctl list)")->default_str(kDefaultFlush);
  command->add_option("--fault", o->fault, "Fault to inject (see sweepctl list)");
  command
      ->add_option(
          "--check", o->checks,
          "RULE=MODE: what a failed rule does; repeatable, the last one wins. MODE: stop the run (default), "
          "note the failure and continue, or off. RULE: the text of an engine check, I1 to I15 (see "
          "engine/README.md), accounting, contents, finalizers, pacing, credit, budget, permits, crew, engine (all "
          "engine checks) or oracle (all other rules). Default with "
          "--fault: note the rules that fail before the fault does harm")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  // Each scenario has its own maximum; the laboratory checks it.
  add_number<uint32_t>(command, "--procs", o->procs, {1, engine::kMaxProcs},
                       "Number of Ps (default: the scenario's)");
  add_number<uint32_t>(command, "--spans", o->spans, {1, kMostSpans},
                       "Number of spans (default: the scenario's)");
  command->add_option("--strategy", o->strategy, "Search strategy: random, pct, mix or dfs")
      ->capture_default_str();
  command
      ->add_option(
          "--preemptions", o->preemptions,
          "Only with --strategy dfs: the maximum number of preemptions, or none for all interleavings")
      ->default_str(kDefaultPreemptions);
  command->add_flag("--first", o->first,
                    "Keep the first counterexample. Default: look for as long again and choose the one that "
                    "teaches most: harm follows, a stale span existed, fewest steps");
  command->add_flag(
      "--matrix", o->matrix,
      "Search for every fault under every policy and print a table; --out FILE replaces the table "
      "in FILE. Only with --strategy, --preemptions, --schedules, --seed, --out and --quiet");
  add_number<uint64_t>(command, "--schedules", o->schedules, {1, kMostSchedules},
                       "Stop after this many schedules of a scenario (default without --seconds: " +
                           std::to_string(kDefaultSchedules) + ")");
  add_seconds(command, "--seconds", o->seconds, kMostSeconds, "Stop after this many seconds in total");
  add_number<uint64_t>(
      command, "--seed", o->seed, kSeeds,
      "Seed of a random search; dfs uses none (default: from the clock, printed; of the matrix: 1)");
  add_file(command, "--out", o->out,
           "Write the schedule of the violation to this file (default: violation.schedule.txt)");
  add_file(command, "--record", o->record, "Record the violation to this MCAP file");
  add_file(command, "--json", o->json, "Write the result as JSON to a file, or - for standard output",
           Dash::kStandardOutput);
  command->add_flag("--quiet", o->quiet, "Print errors only (and --json -); exit code 1 reports a violation");
  command->callback([&session, o] {
    session.chosen = [&session, o] {
      if (const int bad = first_unwritable({o->out, o->record, o->json}); bad != kExitFine) return bad;
      o->interrupted = &session.interrupts.happened();
      return explore_command(*o);
    };
  });
}

void add_step(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "step", "Replay a schedule that explore wrote, or serve the laboratory to be stepped by hand");
  auto o = std::make_shared<StepOptions>();
  auto serve = std::make_shared<ServeOptions>();
  CLI::Option* const schedule =
      command->add_option("SCHEDULE", o->schedule, "Schedule file written by sweepctl explore")
          ->check(not_empty);
  add_file(command, "--record", o->record, "Record the replay to this MCAP file");
  add_file(command, "--json", o->json, "Write the result as JSON to a file, or - for standard output",
           Dash::kStandardOutput);
  CLI::Option* const serving =
      command
          ->add_option(
              "--serve", serve->address,
              "Serve a session at this socket (default: where the dashboard looks): a viewer chooses "
              "scenario, policy, fault and each step, goes back and branches; others watch. SCHEDULE is "
              "opened as the first branch. Ends with Ctrl-C")
          ->expected(0, 1);
  CLI::Option* const lesson = command->add_option(
      "--lesson", serve->lesson,
      "With --serve: open this lesson, by its id (see sweepctl lesson list) or from a file");
  lesson->check(not_empty)->needs(serving)->excludes(schedule);
  add_number<uint32_t>(
      command, "--run", serve->run, {1, 64},
      "With --lesson: the run of the lesson, which a beat with 'restart' begins (default: 1)")
      ->needs(lesson);
  CLI::Option* const save = command->add_option(
      "--save", serve->save,
      "With --serve: after every step write the path to the current node to this file, as a schedule that "
      "step FILE --serve opens");
  save->check(not_empty)->needs(serving);
  for (CLI::Option* other : {command->get_option("--record"), command->get_option("--json")})
    other->excludes(serving);
  command->add_flag("--quiet", o->quiet, "Print errors only (and --json -); exit code 1 reports a violation");
  command->footer(
      "Examples:\n"
      "  sweepctl step violation.schedule.txt              replay a counterexample, print each step\n"
      "  sweepctl step --serve                             scenario sweep, policy lazy, for the dashboard\n"
      "  sweepctl step violation.schedule.txt --serve      open a counterexample at its last cycle\n"
      "  sweepctl step --serve --lesson 2                  open lesson 2\n"
      "  sweepctl step --serve /run/user/1000/b.sock --save mine.schedule.txt\n"
      "A step is one access; an arc (up to the thread's next write of sg, a sweepgen, span state, flushGen, list,\n"
      "queue or completion); a run (until the thread blocks, ends, must choose or meets a breakpoint); or an\n"
      "alternative of a data choice. Steps are sequentially consistent: the *-relaxed faults cannot be stepped.");
  command->callback([&session, o, serve, schedule, serving] {
    if (serving->count() == 0 && schedule->count() == 0) throw CLI::RequiredError("SCHEDULE, or --serve,");
    session.chosen = [&session, o, serve, serving] {
      if (const int bad = first_unwritable({o->record, o->json, serve->save}); bad != kExitFine) return bad;
      if (serving->count() == 0) return step_command(*o);
      serve->schedule = o->schedule;
      // `--serve FILE`: a socket is no regular file, so this is the schedule.
      std::error_code none;
      if (serve->schedule.empty() && std::filesystem::is_regular_file(serve->address, none))
        std::swap(serve->schedule, serve->address);
      serve->quiet = o->quiet;
      serve->interrupted = &session.interrupts.happened();
      return serve_command(*serve);
    };
  });
}

}  // namespace sweepscope::workloads
