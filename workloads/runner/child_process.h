// Runs a program to its end and collects what it writes to standard output; its standard error is ours.
#pragma once

#include <string>
#include <vector>

#include "workloads/expected.h"
#include "workloads/runner/interrupts.h"

namespace sweepscope::workloads {

struct ChildResult {
  int exit_code = 0;  // 128 + signal when a signal ended it
  std::string output;
};

// An interrupt of ours is handed on to it, and it is waited for: it ends in its own clean way.
Expected<ChildResult> run_child(const std::vector<std::string>& arguments, Interrupts& interrupts);

std::string own_executable();

}  // namespace sweepscope::workloads
