#include "engine/laboratory/run_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sweepscope::laboratory {

RunMemory::~RunMemory() {
  if (block_ != nullptr) munmap(block_, kBytes);
}

std::byte* RunMemory::lend(size_t bytes, size_t alignment) {
  if (bytes > kMostAtOnce || alignment > kMostAtOnce) return nullptr;
  if (block_ == nullptr) {
    void* const block =
        mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED) return nullptr;
    block_ = static_cast<std::byte*>(block);
  }
  alignment = std::max<size_t>(alignment, 64);  // tables do not share cache lines
  const uintptr_t base = reinterpret_cast<uintptr_t>(block_);
  const size_t begin = ((base + used_ + alignment - 1) & ~(alignment - 1)) - base;
  if (begin + bytes > kBytes) return nullptr;
  used_ = begin + bytes;
  return block_ + begin;
}

void RunMemory::begin_run() {
  if (block_ != nullptr) std::memset(block_, 0, used_);
  used_ = 0;
}

}  // namespace sweepscope::laboratory
