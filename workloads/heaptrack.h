// Reads the allocations of a real program from a file that `heaptrack --raw` wrote (heaptrack 1.4, file
// format 3), plain or compressed by zstd or gzip.
//
// Lines begin with a record letter, numbers are hexadecimal: `v` version, `X` the command line, which may go
// over several lines and ends before `I`, `+ size trace address` an allocation, `- address` a free. The
// others describe the program and are skipped; kinds of records that are not known here are skipped and
// counted. A recording that was cut short, because its program was killed, ends in the middle of a record;
// that record is left out and counted. The file is untrusted: an error is one line that names the file and
// the record's line number, sizes and counts are bounded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/expected.h"

namespace sweepscope::workloads {

// One operation of the trace. Addresses have become slots: a slot is a live block's place, reused after its
// free, so that `slots` is the largest number of blocks alive at once.
struct TraceOperation {
  static constexpr uint32_t kFree = ~0u;
  uint32_t slot;
  uint32_t size;  // bytes; kFree: the block in `slot` dies
};

struct AllocationTrace {
  std::vector<TraceOperation> operations;
  uint32_t slots = 0;
  uint64_t allocations = 0, frees = 0;  // lines of the file
  uint64_t bytes = 0;                   // requested, all allocations
  uint64_t peak_bytes = 0;              // requested, alive at once
  uint64_t unknown_frees = 0;           // of blocks that were alive before the recording began: skipped
  uint64_t replaced = 0;                // allocations at an address still alive: the old block dies
  uint64_t unknown_records = 0;         // of kinds that are not known here: skipped
  uint64_t cut_records = 0;  // 1: the file ended in the middle of its last record, which is left out
};

inline constexpr uint64_t kMostTraceOperations = 1ull << 28;  // 2 GiB of memory

Expected<AllocationTrace> read_heaptrack(const std::string& path);

}  // namespace sweepscope::workloads
