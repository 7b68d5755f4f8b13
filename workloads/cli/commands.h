// The subcommands of sweepctl. Each adds its flags to the parser and, when it was chosen, leaves what to do in
// `Session::chosen`. One file each.
#pragma once

#include <functional>
#include <string>

#include "workloads/runner/interrupts.h"

namespace CLI {
class App;
}

namespace sweepscope::workloads {

inline constexpr int kExitFine = 0;
inline constexpr int kExitViolation = 1;  // a check fired, a violation was found, a comparison failed
inline constexpr int kExitBadInput = 2;

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

}  // namespace sweepscope::workloads
