// `sweepctl lesson` after the flags are parsed: lists lessons, prints them, checks them on this engine. Called by the
// command line on the main thread; prints its own output and errors.
#pragma once

#include <string>
#include <vector>

namespace sweepscope::workloads {

struct LessonOptions {
  std::vector<std::string> lessons;  // ids or files; empty: all of the catalogue
  std::string folder;                // refresh
};

int list_lessons_command(const LessonOptions& options);
// Prints the text of each lesson, with the answers and the presenter's notes.
int show_lessons_command(const LessonOptions& options);
// Prints every step of each lesson with the board after it, and at the end of each run what the threads would do next.
int print_lesson_steps_command(const LessonOptions& options);
// Returns 0: each goal is reached and each claim is true; 1: some are not, each printed with file, line and reason;
// 2: a file cannot be read or is no lesson, a line for each reason.
int check_lessons_command(const LessonOptions& options);
// The same, and writes the steps of each run as a schedule, ID-RUN.schedule.txt, into the folder.
int refresh_lessons_command(const LessonOptions& options);

// For `sweepctl list`.
struct LessonItem {
  std::string id, title, summary;
  unsigned minutes;
  std::vector<std::string> paths;
};
std::vector<LessonItem> lesson_items();

}  // namespace sweepscope::workloads
