// The subcommands of the peers in C++.
#pragma once

#include <string>

#include "tests/bench/peer_programs/common/arguments.h"
#include "tests/bench/peer_programs/common/figures.h"
#include "tests/bench/peer_programs/heaps/heap.h"

namespace sweepscope::bench {

std::string version();  // of the heap's library
Figures alloc(Arguments& arguments);
Figures binary_trees(Arguments& arguments);
Figures gc_bench(Arguments& arguments);
Figures mark(Arguments& arguments);  // Boehm only
Figures graph(Arguments& arguments);
Figures ring(Arguments& arguments);

}  // namespace sweepscope::bench
