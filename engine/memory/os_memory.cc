#include "engine/memory/os_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/base/driver.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

int protection(Protection access) {
  return access == Protection::kReadWrite ? PROT_READ | PROT_WRITE : PROT_NONE;
}

// Null and errno if it fails.
std::byte* map(size_t bytes, Protection access, uintptr_t hint) {
  void* const address = mmap(reinterpret_cast<void*>(hint), bytes, protection(access),
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return address == MAP_FAILED ? nullptr : static_cast<std::byte*>(address);
}

bool is_aligned(const std::byte* address, size_t alignment) {
  return (reinterpret_cast<uintptr_t>(address) & (alignment - 1)) == 0;
}

}  // namespace

Reservation Reservation::reserve(size_t bytes, size_t alignment, Protection access, uintptr_t hint) {
  Reservation result;
  const size_t os_page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  if (bytes == 0 || bytes > SIZE_MAX / 2 || alignment > SIZE_MAX / 4) {
    result.error_ = bytes == 0 ? EINVAL : ENOMEM;
    return result;
  }
  if constexpr (kLaboratory) {
    if (Driver* const run = driver()) result.base_ = run->lend(bytes, alignment);
    if (result.base_ != nullptr) {
      result.bytes_ = bytes;
      result.lent_ = true;
      return result;
    }
  }
  bytes = (bytes + os_page - 1) & ~(os_page - 1);

  std::byte* base = map(bytes, access, hint);
  if (base != nullptr && !is_aligned(base, alignment)) {
    // Map again with room for an aligned start, and trim both ends.
    munmap(base, bytes);
    const size_t padding = alignment - os_page;
    base = map(bytes + padding, access, hint);
    if (base != nullptr) {
      const size_t misfit = reinterpret_cast<uintptr_t>(base) & (alignment - 1);
      const size_t head = misfit == 0 ? 0 : alignment - misfit;
      if (head > 0) munmap(base, head);
      if (padding > head) munmap(base + head + bytes, padding - head);
      base += head;
    }
  }
  if (base == nullptr) {
    result.error_ = errno;
    return result;
  }
  result.base_ = base;
  result.bytes_ = bytes;
  return result;
}

Reservation::~Reservation() {
  if (base_ != nullptr && !lent_) munmap(base_, bytes_);
}

void Reservation::swap(Reservation& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(bytes_, other.bytes_);
  std::swap(error_, other.error_);
  std::swap(lent_, other.lent_);
}

int commit(void* address, size_t bytes) {
  return mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0 ? 0 : errno;
}

int decommit(void* address, size_t bytes) {
  // Not MADV_FREE: the pages must read as zero afterwards, and resident memory must shrink at once.
  return madvise(address, bytes, MADV_DONTNEED) == 0 ? 0 : errno;
}

int populate(void* address, size_t bytes) {
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
  return madvise(address, bytes, MADV_POPULATE_WRITE) == 0 ? 0 : errno;
}

int advise_huge_pages(void* address, size_t bytes, HugePages choice) {
  // A laboratory's heap is smaller than a huge page.
  if (kLaboratory || choice == HugePages::kSystem) return 0;
  const int advice = choice == HugePages::kAlways ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
  return madvise(address, bytes, advice) == 0 ? 0 : errno;
}

std::string describe_errno(int error) { return std::generic_category().message(error); }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
