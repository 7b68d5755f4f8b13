// `sweepctl step` without its flags: replays a schedule exactly. Called by the command line on the main
// thread; prints its own output and errors.
#pragma once

#include <string>

namespace sweepscope::workloads {

struct StepOptions {
  std::string schedule;  // the file written by `explore --out`
  // File for an MCAP recording; empty: none. Two recordings of one schedule are equal byte for byte.
  std::string record;
  std::string json;    // the result as JSON: a file, or "-" for standard output; empty: none
  bool quiet = false;  // no list of steps, no summary
};

// 0: the run ended without a violation; 1: with a violation (the expected one or another); 2: the file cannot
// be read or does not fit this engine, one line on stderr.
int step_command(const StepOptions& options);

}  // namespace sweepscope::workloads
