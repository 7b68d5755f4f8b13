// The machine and the build a result comes from. Unknown entries are empty, never guessed.
#pragma once

#include <cstdint>
#include <string>

namespace sweepscope::workloads {

struct Environment {
  std::string cpu;       // model name
  uint32_t cores = 0;    // that this process may run on
  std::string kernel;    // system and release
  std::string thp;       // transparent huge pages: always, madvise, never
  std::string compiler;
  std::string build;     // build type and sanitizers
  std::string commit;    // of the sources, "-dirty" when they were changed
};

Environment environment();
uint64_t available_memory_bytes();  // that the kernel would give without swapping; 0: unknown

}  // namespace sweepscope::workloads
