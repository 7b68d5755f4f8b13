// `sweepctl explore --matrix`: for every fault and every policy in which it exists, searches until the fault
// is found; for every policy without a fault, searches for violations, of which there must be none
// except under lazy-seed. Prints a Markdown table.
#pragma once

#include <csignal>

#include "workloads/laboratory/explore_command.h"

namespace sweepscope::workloads {

// Schedules for each scenario of a cell, unless --schedules is given: without and with a fault.
// The search for a fault ends when it is found.
inline constexpr uint64_t kMatrixSchedules = 5'000;
inline constexpr uint64_t kMatrixFaultSchedules = 100'000;

// With options.out the table also replaces the text between the marker lines of that file. Returns 0: every
// fault was found or is known to be equivalent, and no violation was found without one; 1: some result is
// unexpected, or the table could not be written; 2: bad input; 130: interrupted, the file is unchanged.
int matrix_command(const ExploreOptions& options);

inline constexpr int kInterruptedMatrix = 128 + SIGINT;

inline constexpr const char* kMatrixBegin =
    "<!-- kill matrix: written by `sweepctl explore --matrix --out FILE` -->";
inline constexpr const char* kMatrixEnd = "<!-- end of the kill matrix -->";

}  // namespace sweepscope::workloads
