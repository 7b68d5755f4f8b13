// `sweepctl export --to html` after the flags are parsed: lessons and schedules as pages that need no engine. Called by
// the command line on the main thread; prints its own output and errors.
#pragma once

#include <string>
#include <vector>

namespace sweepscope::workloads {

struct ExportOptions {
  std::vector<std::string>
      names;  // ids of lessons, lesson files, schedule files; empty: all embedded lessons
  // A file; a folder, for several pages; "-" for standard output; empty: the current folder.
  std::string out;
  bool force = false;   // replaces files that this command did not make
  std::string made_by;  // name and version of the program
};

// Several pages in a folder get an index.html. Returns 0; 1: a lesson does not hold on this engine, a page is too large or cannot be written; 2: an argument is wrong,
// a file cannot be read, is neither a lesson nor a schedule or does not fit this engine, or a file of the user would be
// replaced. All names and files are checked before the first page is written.
int export_html_command(const ExportOptions& options);

}  // namespace sweepscope::workloads
