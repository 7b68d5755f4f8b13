// The subcommands of sweepctl, one file each. Each adds its flags to the parser; when the parser meets a
// subcommand, that one stores its action in `Session::chosen`.
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
// A check failed, a violation was found, a comparison failed, or a result could not be written.
inline constexpr int kExitViolation = 1;
inline constexpr int kExitBadInput = 2;
inline constexpr int kExitInterrupted = 128 + SIGINT;  // before the result was complete

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
void add_lesson(CLI::App& app, Session& session);
void add_export(CLI::App& app, Session& session);
void add_info(CLI::App& app, Session& session);
void add_check(CLI::App& app, Session& session);

// For bad input: prints one line on standard error; returns kExitBadInput.
int refuse(const std::string& message);
// For a failure after the input was accepted: prints one line on standard error; returns kExitViolation.
int fail_with(const std::string& message);

// For reading a large recording: Ctrl-C stops the reader between two chunks.
inline bool interrupted(const Interrupts& interrupts) {
  return interrupts.happened().load(std::memory_order_relaxed);  // the flag publishes no other data
}
inline std::function<bool(double)> until_interrupted(const Interrupts& interrupts) {
  return [&interrupts](double) { return !interrupted(interrupts); };
}
int report_interrupt(const std::string& file);  // prints one line on standard error; returns kExitInterrupted

}  // namespace sweepscope::workloads
