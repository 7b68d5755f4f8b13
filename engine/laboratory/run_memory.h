// The memory that runs lend to their engines: one block, handed out from its beginning, cleared and handed
// out again in the next run. An abandoned run's share comes back like any other.
//
// Why: an engine reserves a dozen small tables. Mapping, faulting and unmapping them took 70 % of the time of
// a search; clearing some 40 KiB that are in the cache takes two microseconds.
#pragma once

#include <cstddef>

namespace sweepscope::laboratory {

class RunMemory {
 public:
  RunMemory() = default;
  ~RunMemory();
  RunMemory(const RunMemory&) = delete;
  RunMemory& operator=(const RunMemory&) = delete;

  // Zeroed; valid until begin_run(). Null: more than a small engine asks for. alignment: a power of two.
  std::byte* lend(size_t bytes, size_t alignment);
  // Takes everything back.
  void begin_run();

 private:
  static constexpr size_t kBytes = size_t{16} << 20;  // address space; used is what an engine touches
  static constexpr size_t kMostAtOnce = size_t{2} << 20;

  std::byte* block_ = nullptr;  // mapped when first asked for
  size_t used_ = 0;
};

}  // namespace sweepscope::laboratory
