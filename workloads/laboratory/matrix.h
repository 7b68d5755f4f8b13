// `sweepctl explore --matrix`: every fault under every policy that has the piece it leaves out, searched
// until it is found; and the repaired protocol under every policy, which must survive. One table, printed as
// Markdown.
#pragma once

#include "workloads/laboratory/explore_command.h"

namespace sweepscope::workloads {

// Of each scenario of a cell, unless --schedules or --seconds says otherwise:
// of one that must survive, and of one that must be found, whose search ends there.
inline constexpr uint64_t kMatrixSchedules = 5'000;
inline constexpr uint64_t kMatrixFaultSchedules = 100'000;

// With options.out the table also replaces what stands between the marker lines of that file. 0: every fault
// was found, or is known to be equivalent, and nothing was found without one; 1: not so; 2: bad input.
int matrix_command(const ExploreOptions& options);

inline constexpr const char* kMatrixBegin =
    "<!-- kill matrix: written by `sweepctl explore --matrix --out FILE` -->";
inline constexpr const char* kMatrixEnd = "<!-- end of the kill matrix -->";

}  // namespace sweepscope::workloads
