// Runs a program to its end and collects its standard output. It inherits standard error.
#pragma once

#include <string>
#include <vector>

#include "workloads/expected.h"
#include "workloads/runner/interrupts.h"

namespace sweepscope::workloads {

struct ChildResult {
  int exit_code = 0;  // 128 + signal if a signal ended it
  std::string output;
};

// An interrupt of this process is passed on to the child as SIGINT; then this waits for its end.
Expected<ChildResult> run_child(const std::vector<std::string>& arguments, Interrupts& interrupts);

std::string own_executable();

}  // namespace sweepscope::workloads
