// Reports calls of the C and C++ heap (malloc, calloc, realloc, the aligned ones; operator new calls malloc) by any thread
// of the process while a HeapWatch is on. A program that links heap_calls.cc has these functions in place of glibc's,
// also for the calls that the libraries make.
//
// With SWEEPSCOPE_ABORT_ON_HEAP_CALL set in the environment the first call aborts, so that a debugger shows the thread.
#pragma once

#include <string>

namespace sweepscope::testing {

// One at a time. Its start must not race with threads whose calls are to be seen.
class HeapWatch {
 public:
  HeapWatch();
  ~HeapWatch() { end(); }
  HeapWatch(const HeapWatch&) = delete;
  HeapWatch& operator=(const HeapWatch&) = delete;

  // Switches it off. What was called meanwhile: for each place how often, the bytes of the first call, and its stack.
  // Empty: nothing was called.
  std::string end();
};

// Calls of this thread are not reported during its life.
class HeapCallsAllowed {
 public:
  HeapCallsAllowed();
  ~HeapCallsAllowed();
  HeapCallsAllowed(const HeapCallsAllowed&) = delete;
  HeapCallsAllowed& operator=(const HeapCallsAllowed&) = delete;
};

}  // namespace sweepscope::testing
