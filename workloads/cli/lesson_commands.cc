// sweepctl lesson list, show, steps, check and refresh: their flags.
#include <CLI/CLI.hpp>
#include <memory>

#include "workloads/cli/commands.h"
#include "workloads/cli/flag.h"
#include "workloads/laboratory/lesson_command.h"

namespace sweepscope::workloads {
namespace {

using Options = std::shared_ptr<LessonOptions>;

CLI::App* add(CLI::App* lesson, Session& session, const Options& options, const char* name, const char* text,
              int (*run)(const LessonOptions&)) {
  CLI::App* command = lesson->add_subcommand(name, text);
  command->callback([&session, options, run] { session.chosen = [options, run] { return run(*options); }; });
  return command;
}

void add_lessons(CLI::App* command, const Options& options) {
  command->add_option("LESSON", options->lessons, "Ids of lessons, or lesson files (default: all lessons)");
}

}  // namespace

void add_lesson(CLI::App& app, Session& session) {
  CLI::App* lesson =
      app.add_subcommand("lesson", "Lessons on the sweep protocol: list, print and check them");
  lesson->require_subcommand(1);
  const auto o = std::make_shared<LessonOptions>();
  add(lesson, session, o, "list", "List the lessons (as JSON: sweepctl list --json)", list_lessons_command);
  add_lessons(add(lesson, session, o, "show", "Print lessons with answers and presenter's notes",
                  show_lessons_command),
              o);
  add_lessons(add(lesson, session, o, "steps",
                  "Play lessons, and print each step with the board after it: for those who write a lesson",
                  print_lesson_steps_command),
              o);
  add_lessons(add(lesson, session, o, "check",
                  "Play lessons on this engine: is each goal reached, and each claim true? Exit code 1: no",
                  check_lessons_command),
              o);
  CLI::App* refresh =
      add(lesson, session, o, "refresh", "Check lessons, and write the steps of their runs as schedules",
          refresh_lessons_command);
  add_lessons(refresh, o);
  refresh->add_option("--out", o->folder, "Folder for the schedules, ID-RUN.schedule.txt")
      ->required()
      ->check(CLI::ExistingDirectory);
}

}  // namespace sweepscope::workloads
