// `sweepctl step` after the flags are parsed: replays a schedule exactly. Called by the command line on the
// main thread; prints its own output and errors.
#pragma once

#include <string>

namespace sweepscope::workloads {

struct StepOptions {
  std::string schedule;  // the file written by `explore --out`
  // File for an MCAP recording; empty: none. Two recordings of one schedule are equal byte for byte.
  std::string record;
  std::string json;    // the result as JSON: a file, or "-" for standard output; empty: none
  bool quiet = false;  // prints errors and JSON only
};

// Returns 0: no violation; 1: a violation (the expected one or another), or a result could not be written; 2:
// the schedule cannot be read or does not fit this engine, one line on stderr.
int step_command(const StepOptions& options);

}  // namespace sweepscope::workloads
