// `sweepctl step --serve`: a bench session that viewers step and watch. Called by the command line on the main thread,
// which becomes the session's; prints its own output and errors.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace sweepscope::workloads {

struct ServeOptions {
  std::string schedule;  // file of a schedule to open; empty: none
  std::string lesson;    // id or file of a lesson to open; empty: none. Not with a schedule
  uint32_t run = 1;      // of the lesson
  std::string address;   // empty: the default
  std::string save;      // file for the path to the current node after every step; empty: none
  bool quiet = false;
  const std::atomic<bool>* interrupted = nullptr;  // Ctrl-C: end the session
};

// Returns 0 after an interrupt; 2: the schedule or the address is no good, one line on stderr.
int serve_command(const ServeOptions& options);

}  // namespace sweepscope::workloads
