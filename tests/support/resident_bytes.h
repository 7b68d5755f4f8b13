// How much of a range of this process's memory the system has provided.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sweepscope::testing {

// from: at the begin of a page; bytes: whole pages.
inline uint64_t resident_bytes(const std::byte* from, uint64_t bytes) {
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> in_memory(bytes / page);
  if (mincore(const_cast<std::byte*>(from), bytes, in_memory.data()) != 0) ADD_FAILURE() << "mincore failed";
  return page * static_cast<uint64_t>(std::count_if(in_memory.begin(), in_memory.end(),
                                                    [](unsigned char c) { return (c & 1) != 0; }));
}

}  // namespace sweepscope::testing
