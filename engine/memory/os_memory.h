// Memory from the operating system: reserve address space, make it usable, give its pages back.
//
// Called by this folder only, under a lock of the heap or single-threaded; no step points. Nothing here throws or
// aborts: functions return 0 or an errno value, and a Reservation carries its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

enum class Protection : uint8_t { kNone, kReadWrite };
enum class HugePages : uint8_t {
  kSystem,
  kAlways,
  kNever
};  // kSystem: as set in /sys/kernel/mm/transparent_hugepage

// A range of address space, unmapped by the destructor. Takes no memory until touched (MAP_NORESERVE); reads
// as zero when first touched, and after decommit(). In a run of the laboratory the run lends small ranges
// instead (base/driver.h): the same guarantees, usable from the start, no system call.
class Reservation {
 public:
  Reservation() = default;  // holds nothing, error() == 0
  Reservation(Reservation&& other) noexcept { swap(other); }
  Reservation& operator=(Reservation&& other) noexcept {
    Reservation(static_cast<Reservation&&>(other)).swap(*this);
    return *this;
  }
  ~Reservation();

  // bytes: > 0, rounded up to OS pages. alignment: a power of two. hint: address to prefer, 0 for none; when
  // the hint is not available the range lies elsewhere, which is no error.
  static Reservation reserve(size_t bytes, size_t alignment, Protection access, uintptr_t hint = 0);

  explicit operator bool() const { return base_ != nullptr; }
  int error() const { return error_; }  // errno of the failed reserve()
  std::byte* base() const { return base_; }
  size_t bytes() const { return bytes_; }
  bool lent() const { return lent_; }  // by a run: do not commit, decommit or advise it

 private:
  void swap(Reservation& other) noexcept;

  std::byte* base_ = nullptr;
  size_t bytes_ = 0;
  int error_ = 0;
  bool lent_ = false;  // by the run of a laboratory, which frees it
};

// Ranges inside a Reservation, in whole OS pages. Each returns 0 or errno.
[[nodiscard]] int commit(void* address, size_t bytes);  // readable and writable from now on
// Returns the pages to the system; the range stays usable and reads as zero.
[[nodiscard]] int decommit(void* address, size_t bytes);
// Makes the pages resident, as writing to each would, but changes no contents: others may use them meanwhile.
// EINVAL: the kernel is older than 5.14.
[[nodiscard]] int populate(void* address, size_t bytes);
// EINVAL: the kernel has no huge pages.
[[nodiscard]] int advise_huge_pages(void* address, size_t bytes, HugePages choice);

std::string describe_errno(int error);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
