// `sweepctl explore --matrix`: searches for every fault under every policy in which it exists, until it is
// found, and for violations without a fault under every policy, of which there must be none. Prints one
// Markdown table.
#pragma once

#include "workloads/laboratory/explore_command.h"

namespace sweepscope::workloads {

// Schedules for each scenario of a cell, unless --schedules or --seconds is given: without a violation to
// find, and with one, where the search ends when it is found.
inline constexpr uint64_t kMatrixSchedules = 5'000;
inline constexpr uint64_t kMatrixFaultSchedules = 100'000;

// With options.out the table also replaces the text between the marker lines of that file. 0: every fault was
// found or is known to be equivalent, and nothing was found without one; 1: some result is unexpected; 2: bad
// input.
int matrix_command(const ExploreOptions& options);

inline constexpr const char* kMatrixBegin =
    "<!-- kill matrix: written by `sweepctl explore --matrix --out FILE` -->";
inline constexpr const char* kMatrixEnd = "<!-- end of the kill matrix -->";

}  // namespace sweepscope::workloads
