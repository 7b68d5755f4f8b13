// The machine and the build of a result. Unknown entries are empty.
#pragma once

#include <cstdint>
#include <string>

namespace sweepscope::workloads {

struct Environment {
  std::string cpu;     // model name
  uint32_t cores = 0;  // available to this process
  std::string kernel;  // system and release
  std::string thp;     // transparent huge pages: always, madvise, never
  std::string compiler;
  std::string build;   // build type and sanitizers
  std::string commit;  // of the sources; "-dirty" appended if they were changed
};

Environment environment();
uint64_t available_memory_bytes();  // without swapping; 0: unknown

}  // namespace sweepscope::workloads
