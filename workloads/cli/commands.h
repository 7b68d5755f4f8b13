// The subcommands of sweepctl. Each adds its flags to the parser and, when it was chosen, leaves what to do
// in `Session::chosen`. One file each.
#pragma once

#include <csignal>
#include <functional>
#include <string>

#include "workloads/runner/interrupts.h"

namespace CLI {
class App;
}

namespace sweepscope::workloads {

inline constexpr int kExitFine = 0;
// A check fired, a violation was found, a comparison failed, or a result could not be written.
inline constexpr int kExitViolation = 1;
inline constexpr int kExitBadInput = 2;
inline constexpr int kExitInterrupted = 128 + SIGINT;  // before there was a verdict

struct Session {
  Interrupts& interrupts;
  std::string command_line;
  std::function<int()> chosen;
};

void add_list(CLI::App& app, Session& session);
void add_run(CLI::App& app, Session& session);
void add_compare(CLI::App& app, Session& session);
void add_explore(CLI::App& app, Session& session);
void add_step(CLI::App& app, Session& session);
void add_info(CLI::App& app, Session& session);
void add_check(CLI::App& app, Session& session);

// One clear line on standard error; returns kExitBadInput.
int refuse(const std::string& sentence);
// The same for what went wrong after good input was taken; returns kExitViolation.
int fail_with(const std::string& sentence);

// For reading a large recording: Ctrl-C stops it between two chunks.
inline bool interrupted(const Interrupts& interrupts) {
  return interrupts.happened().load(
      std::memory_order_relaxed);  // a flag alone: nothing is read on its strength
}
inline std::function<bool(double)> going_on(const Interrupts& interrupts) {
  return [&interrupts](double) { return !interrupted(interrupts); };
}
int stopped(const std::string& file);  // one line on standard error; returns kExitInterrupted

}  // namespace sweepscope::workloads
