#include "workloads/laboratory/lesson_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "telemetry/lessons/catalogue.h"
#include "telemetry/lessons/goal_compiler.h"
#include "workloads/counted.h"
#include "workloads/laboratory/board_text.h"
#include "workloads/laboratory/lesson_file.h"
#include "workloads/laboratory/lesson_stepper.h"
#include "workloads/laboratory/report.h"

namespace sweepscope::workloads {
namespace {

namespace lessons = telemetry::lessons;
using lessons::Beat;
using lessons::Lesson;

// The lessons that the arguments name, in their order. None: some argument is wrong, and was reported.
std::optional<std::vector<Lesson>> chosen(const LessonOptions& options) {
  const lessons::Catalogue& all = lessons::catalogue();
  for (const std::string& error : all.errors) bad_input(error);
  bool good = all.errors.empty();
  std::vector<Lesson> found;
  if (options.lessons.empty()) found = all.lessons;
  for (const std::string& name : options.lessons) {
    FoundLesson one = find_lesson(name);
    for (const std::string& error : one.errors) bad_input(error);
    good = good && one.lesson.has_value();
    if (one.lesson) found.push_back(std::move(*one.lesson));
  }
  if (!good) return std::nullopt;
  return found;
}

void print_paragraphs(const char* before, const std::vector<std::string>& paragraphs) {
  for (const std::string& paragraph : paragraphs) fmt::print("{}{}\n", before, paragraph);
}

void print(const Beat& beat) {
  fmt::print("\n== {}\n", beat.name);
  print_paragraphs("", beat.text);
  for (const lessons::Word& word : beat.words) fmt::print("  {}: {}\n", word.word, word.meaning);
  if (beat.prediction) {
    fmt::print("Predict: {}\n", beat.prediction->question);
    for (size_t i = 0; i < beat.prediction->choices.size(); ++i)
      fmt::print("  ({}) {}\n", i == beat.prediction->right ? 'x' : ' ', beat.prediction->choices[i]);
    fmt::print("Because: {}\n", beat.prediction->because);
  }
  if (beat.hands_on) fmt::print("Hands-on: {}\n", beat.hands_on->text);
  print_paragraphs("Then: ", beat.then);
  if (!beat.takeaway.empty()) fmt::print("Takeaway: {}\n", beat.takeaway);
  print_paragraphs("For the presenter: ", beat.notes);
}

void print(const Lesson& lesson) {
  fmt::print("{}: {} ({})\n{}\n", lesson.id, lesson.title, counted(lesson.minutes, "minute"), lesson.summary);
  for (const Beat& beat : lesson.beats) print(beat);
}

struct Counts {
  size_t goals = 0, claims = 0, accesses = 0;
};

Counts counts(const Lesson& lesson) {
  Counts c;
  for (const Beat& beat : lesson.beats) {
    c.claims += beat.claims.size();
    c.goals +=
        static_cast<size_t>(std::count_if(beat.acts.begin(), beat.acts.end(), [](const lessons::Act& a) {
          return a.kind != lessons::Act::Kind::kChoose;
        }));
  }
  return c;
}

struct Played {
  const Lesson& lesson;
  uint32_t run;
  laboratory::BenchSession& session;
  LessonStepper& stepper;
  const lessons::LessonPath& path;
};
// What is done with a run that was played; returns an exit code.
using Use = std::function<int(const Played&)>;

// Plays every run of the lesson. Returns the exit code.
int play(const Lesson& lesson, const Use& use) {
  Counts c = counts(lesson);
  std::vector<std::string> errors;
  int code = 0;
  for (uint32_t run = 0; run < lesson.runs.size(); ++run) {
    laboratory::BenchSession session;
    LessonStepper stepper(session);
    const lessons::LessonPath path = lessons::compile(lesson, run, stepper);
    errors.insert(errors.end(), path.errors.begin(), path.errors.end());
    if (!session.begun()) continue;
    c.accesses += session.view(path.last).steps;
    if (use) code = std::max(code, use({lesson, run, session, stepper, path}));
  }
  for (const std::string& error : errors) failed(error);
  if (!errors.empty() || code != 0) return 1;
  if (!use)
    fmt::print("{}: {}: {}, {}, {}, {}: all hold\n", lesson.id, lesson.title,
               counted(lesson.beats.size(), "beat"), counted(c.goals, "goal"), counted(c.claims, "claim"),
               counted(c.accesses, "access", "accesses"));
  return 0;
}

int play_all(const LessonOptions& options, const Use& use) {
  const auto found = chosen(options);
  if (!found) return 2;
  int code = 0;
  for (const Lesson& lesson : *found) code = std::max(code, play(lesson, use));
  return code;
}

int print_steps(const Played& played) {
  const laboratory::BranchTree& tree = played.session.tree();
  fmt::print("{}: {}, run {}\n", played.lesson.id, played.lesson.title, played.run + 1);
  for (const uint32_t node : tree.path(played.path.last)) {
    const laboratory::Node& step = tree.nodes()[node];
    fmt::print("{:>5}  {}\n       {}\n", tree.steps(node), step.text, board_text(played.stepper.view(node)));
    if (!step.name.empty()) fmt::print("== {}\n", step.name);
  }
  fmt::print("{}\n", threads_text(played.stepper.view(played.path.last)));
  return 0;
}

}  // namespace

int list_lessons_command(const LessonOptions&) {
  for (const LessonItem& item : lesson_items())
    fmt::print("{:<4} {} ({} min)\n     {}\n", item.id, item.title, item.minutes, item.summary);
  return 0;
}

int show_lessons_command(const LessonOptions& options) {
  const auto found = chosen(options);
  if (!found) return 2;
  for (const Lesson& lesson : *found) {
    if (&lesson != &found->front()) fmt::print("\n\n");
    print(lesson);
  }
  return 0;
}

int print_lesson_steps_command(const LessonOptions& options) { return play_all(options, print_steps); }

int check_lessons_command(const LessonOptions& options) { return play_all(options, nullptr); }

int refresh_lessons_command(const LessonOptions& options) {
  return play_all(options, [&](const Played& played) {
    if (!played.path.errors.empty()) return 1;
    const std::string file =
        options.folder + "/" + played.lesson.id + "-" + std::to_string(played.run + 1) + ".schedule.txt";
    const laboratory::Schedule schedule = played.session.schedule(played.path.last);
    const std::string error = write_file(file, laboratory::format_schedule(schedule));
    if (!error.empty()) return failed(error);
    fmt::print("{}\n", file);
    return 0;
  });
}

std::vector<LessonItem> lesson_items() {
  std::vector<LessonItem> items;
  for (const Lesson& lesson : lessons::catalogue().lessons)
    items.push_back({lesson.id, lesson.title, lesson.summary, lesson.minutes, lesson.paths});
  return items;
}

}  // namespace sweepscope::workloads
