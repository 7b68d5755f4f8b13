// Reads the allocations of a real program from a file that `heaptrack --raw` wrote (heaptrack 1.4, file
// format 3), plain or compressed by zstd or gzip.
//
// Lines begin with a record letter, numbers are hexadecimal: `v` version, `X` the command line, which may
// span several lines and ends before `I`, `+ size trace address` an allocation, `- address` a free. Other
// known records describe the program and are skipped; unknown records are skipped and counted. If the program
// was killed, the recording ends in the middle of a record, which is skipped and counted. The file is
// untrusted: an error message names the file and the line number; sizes and counts are bounded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/expected.h"

namespace sweepscope::workloads {

// One operation of the trace. Slots replace addresses: each live block has a slot, reused after its free, so
// `slots` is the maximum number of live blocks.
struct TraceOperation {
  static constexpr uint32_t kFree = ~0u;
  uint32_t slot;
  uint32_t size;  // bytes; kFree: the block in `slot` is freed
};

struct AllocationTrace {
  std::vector<TraceOperation> operations;
  uint32_t slots = 0;
  uint64_t allocations = 0, frees = 0;  // lines of the file
  uint64_t bytes = 0;                   // requested by all allocations
  uint64_t peak_bytes = 0;              // maximum of the requested bytes of live blocks
  uint64_t unknown_frees = 0;           // of blocks allocated before the recording began: skipped
  uint64_t replaced = 0;                // allocations at the address of a live block, which they free
  uint64_t unknown_records = 0;         // skipped
  uint64_t cut_records = 0;             // 1: the file ends in the middle of its last record, which is skipped
};

inline constexpr uint64_t kMostTraceOperations = 1ull << 28;  // 2 GiB of memory

Expected<AllocationTrace> read_heaptrack(const std::string& path);

}  // namespace sweepscope::workloads
