// Runs a Relacy kernel: a few threads at one place of the engine, in all interleavings and with all values that the
// memory model of C++ allows each load to see. Relacy does not know C++20's shorter release sequences, in which a later
// plain store of the same thread does not continue the first: kernels let another thread store.
//
// A kernel takes the order under trial as a template parameter and names the code it stands for in lines
// `// mirrors FILE: CODE`; check_mirrors.py fails when FILE has no such CODE any more.
#pragma once

#include <gtest/gtest.h>

#include <relacy/relacy.hpp>  // after the others: it takes words of the language for macros
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef errno

namespace sweepscope::relacy {

inline constexpr unsigned kH = 4;  // the heap's sweepgen

template <class Kernel>
rl::test_result_e verdict() {
  rl::test_params params;
  params.search_type = rl::sched_full;
  // The default, std::cout, stays: Relacy replaces new and delete while it runs, so a stream that keeps a buffer breaks.
  rl::simulate<Kernel>(params);
  return params.test_result;
}

}  // namespace sweepscope::relacy
