#include "workloads/laboratory/export_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "telemetry/lessons/catalogue.h"
#include "telemetry/lessons/lesson_parser.h"
#include "telemetry/model/result.h"
#include "workloads/counted.h"
#include "workloads/laboratory/html_page.h"
#include "workloads/laboratory/report.h"
#include "workloads/laboratory/text_file.h"

namespace sweepscope::workloads {
namespace {

namespace fs = std::filesystem;
namespace lessons = telemetry::lessons;

constexpr std::string_view kScheduleMagic = "sweepscope-schedule ", kLessonBegins = "sweepscope-lesson ";

// What is to be exported: one of the two.
struct Source {
  std::optional<lessons::Lesson> lesson;
  std::optional<laboratory::Schedule> schedule;
  std::string name;  // as the user gave it
  std::string file;  // of its page, without a folder
};

// "violation.schedule.txt" becomes "violation.html".
std::string page_of_schedule(const std::string& path) {
  const std::string file = fs::path(path).filename().string();
  return file.substr(0, file.find('.', 1)) + ".html";
}

Source of(lessons::Lesson lesson, std::string name) {
  std::string file = "lesson-" + lesson.id + ".html";
  return {std::move(lesson), std::nullopt, std::move(name), std::move(file)};
}

// Nothing: reported.
std::optional<Source> read(const std::string& name) {
  if (const lessons::Lesson* lesson = lessons::find_lesson(name)) return of(*lesson, name);
  const TextFile file = read_text_file(name, laboratory::kMaxScheduleBytes);
  if (!file.error.empty()) {
    bad_input("no lesson '" + name + "' (see sweepctl lesson list). " + file.error);
  } else if (file.text.starts_with(kLessonBegins)) {
    lessons::ParsedLesson parsed = lessons::parse_lesson(name, file.text);
    for (const std::string& error : parsed.errors) bad_input(error);
    if (parsed.lesson) return of(std::move(*parsed.lesson), name);
  } else if (file.text.starts_with(kScheduleMagic)) {
    laboratory::ParsedSchedule parsed = laboratory::parse_schedule(file.text);
    if (parsed.schedule)
      return Source{std::nullopt, std::move(parsed.schedule), name, page_of_schedule(name)};
    bad_input(name + ": " + parsed.error);
  } else {
    bad_input(name + ": neither a lesson nor a schedule: the first line of a lesson is '" +
              std::string(lessons::kLessonMagic) + "', a schedule is a file of sweepctl explore");
  }
  return std::nullopt;
}

std::optional<std::vector<Source>> read_all(const ExportOptions& options) {
  std::vector<Source> sources;
  bool good = true;
  for (const std::string& name : options.names) {
    std::optional<Source> source = read(name);
    good = good && source.has_value();
    if (source) sources.push_back(std::move(*source));
  }
  if (options.names.empty())
    for (const lessons::Lesson& lesson : lessons::catalogue().lessons)
      sources.push_back(of(lesson, lesson.id));
  if (!good) return std::nullopt;
  return sources;
}

bool made_by_this_command(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string begins(kPageBegins.size(), '\0');
  file.read(begins.data(), static_cast<std::streamsize>(begins.size()));
  return file && begins == kPageBegins;
}

// Why a page cannot be written there; empty: it can.
std::string problem_with(const std::string& path, bool force) {
  std::error_code none;
  const fs::file_status status = fs::symlink_status(path, none), behind = fs::status(path, none);
  if (fs::is_fifo(behind) || fs::is_socket(behind))  // opening it could wait for ever
    return path + " is not a regular file: name another file with --out";
  // A link or a device is never ours.
  const bool ours = fs::is_regular_file(status) && made_by_this_command(path);
  if (fs::exists(status) && !fs::is_directory(status) && !ours && !force)
    return path +
           " exists and was not made by this command: name another file with --out, or replace it with --force";
  return problem_with_output(path);
}

std::string usage_problem(const ExportOptions& options, size_t pages) {
  if (options.out == "-" && pages != 1)
    return "--out -: several pages cannot go to standard output; name a folder";
  if (options.out == "-" && isatty(STDOUT_FILENO))
    return "--out -: standard output is a terminal; redirect it, or name a file";
  std::error_code none;
  if (options.names.empty() && options.out.empty())
    return "without LESSON or SCHEDULE all lessons are exported: name a folder for their pages with --out";
  if (pages > 1 && !options.out.empty() && !fs::is_directory(options.out, none))
    return "--out " + options.out + ": for several pages name a folder that exists";
  return {};
}

std::string path_of(const ExportOptions& options, const Source& source) {
  std::error_code none;
  if (options.out.empty()) return source.file;
  if (fs::is_directory(options.out, none)) return (fs::path(options.out) / source.file).string();
  return options.out;
}

// Several pages in a folder that was named have an index.
bool has_index(const ExportOptions& options, const std::vector<Source>& sources) {
  return sources.size() > 1 && !options.out.empty();
}

std::string path_of_index(const ExportOptions& options) {
  return (fs::path(options.out) / "index.html").string();
}

// Returns an exit code.
int check_outputs(const ExportOptions& options, const std::vector<Source>& sources) {
  if (const std::string problem = usage_problem(options, sources.size()); !problem.empty())
    return bad_input(problem);
  if (options.out == "-") return 0;
  std::set<std::string> paths;
  if (has_index(options, sources)) {
    paths.insert(path_of_index(options));
    if (const std::string problem = problem_with(path_of_index(options), options.force); !problem.empty())
      return bad_input(problem);
  }
  for (const Source& source : sources) {
    const std::string path = path_of(options, source);
    if (!paths.insert(path).second)
      return bad_input(source.name + ": another page of this command has the name " + path + ", too");
    if (const std::string problem = problem_with(path, options.force); !problem.empty())
      return bad_input(problem);
  }
  return 0;
}

std::string title_of(const Source& source, const RecordedPage& page) {
  return source.lesson ? source.lesson->id + ". " + source.lesson->title
                       : page.title + " (" + source.file + ")";
}

// A closed pipe needs no message: its reader has stopped reading.
int print_page(const std::string& html) {
  errno = 0;
  if (std::fwrite(html.data(), 1, html.size(), stdout) == html.size() && std::fflush(stdout) == 0) return 0;
  return errno == EPIPE ? 1 : failed(telemetry::file_error("write", "standard output", std::strerror(errno)));
}

// Records and writes one page, and enters it into the index; returns an exit code.
int write_page(const ExportOptions& options, const Source& source, std::vector<IndexEntry>& index) {
  const RecordedOrErrors recorded =
      source.lesson ? record_lesson(*source.lesson) : record_schedule(*source.schedule);
  // A lesson that does not hold is the lesson's failure, a schedule that does not fit is bad input.
  for (const std::string& error : recorded.errors)
    source.lesson ? failed(error) : bad_input(source.name + ": " + error);
  if (!recorded.errors.empty()) return source.lesson ? 1 : 2;
  const PageOrError page = html_page(recorded.page, options.made_by);
  if (!page.error.empty()) return failed(source.name + ": " + page.error);
  if (options.out == "-") return print_page(page.html);
  const std::string path = path_of(options, source);
  if (const std::string error = write_file(path, page.html); !error.empty()) return failed(error);
  index.push_back(
      {source.file, title_of(source, recorded.page), recorded.page.summary, recorded.page.minutes});
  fmt::print("{}: {}, {}, {} KiB\n", path, counted(recorded.page.beats.size(), "beat"),
             counted(recorded.page.nodes.size(), "board"), (page.html.size() + 1023) / 1024);
  return 0;
}

}  // namespace

int export_html_command(const ExportOptions& options) {
  const auto sources = read_all(options);
  if (!sources) return 2;
  if (const int code = check_outputs(options, *sources); code != 0) return code;
  int code = 0;
  std::vector<IndexEntry> index;
  for (const Source& source : *sources) code = std::max(code, write_page(options, source, index));
  if (has_index(options, *sources) && !index.empty()) {
    const std::string error = write_file(path_of_index(options), index_page(index, options.made_by));
    if (!error.empty()) return failed(error);
    fmt::print("{}: {}\n", path_of_index(options), counted(index.size(), "link"));
  }
  return code;
}

}  // namespace sweepscope::workloads
