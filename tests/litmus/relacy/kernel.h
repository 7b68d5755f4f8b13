// Runs a Relacy kernel: a few threads in one part of the engine, in all interleavings and with all values that the
// memory model of C++ allows each load to read. Relacy lacks C++20's shorter release sequences, in which a later plain
// store of the same thread does not continue the first: in the kernels another thread makes that store.
//
// A kernel takes the tested order as a template parameter and names the code that it models in lines
// `// mirrors FILE: CODE`; check_mirrors.py fails if FILE does not contain CODE.
#pragma once

#include <gtest/gtest.h>

#include <relacy/relacy.hpp>  // after the others: it defines keywords as macros
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
