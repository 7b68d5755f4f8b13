// Records the pages of a block that were written since watch(), and their contents at that time. watch()
// makes the block read-only, the first write to a page raises SIGSEGV, and the handler saves the page and
// permits the write. A page costs one fault, and no store is missed. (A system call that writes to the block
// would fail; no run makes one.)
//
// Used by RunImage, on the OS thread of the run. Other faults are passed to the previous handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sweepscope::laboratory {

class WrittenPages {
 public:
  static constexpr size_t kPage = 4096;

  // The block: whole pages, readable and writable.
  explicit WrittenPages(std::span<std::byte> block);
  ~WrittenPages();
  WrittenPages(const WrittenPages&) = delete;
  WrittenPages& operator=(const WrittenPages&) = delete;

  void watch();   // starts again, without the pages recorded so far
  void forget();  // stops watching
  bool watches() const { return watches_; }

  // Numbers of the written pages, in the order of their first write: new ones are appended.
  std::span<const uint32_t> pages() const { return pages_; }
  std::byte* at(uint32_t page) const { return block_.data() + page * kPage; }
  const std::byte* original(uint32_t page) const { return originals_ + page * kPage; }

  // For the fault handler. False: not in the block, or not watched.
  bool written(const void* address);

 private:
  const std::span<std::byte> block_;
  std::byte* const originals_;   // as large as the block; only saved pages take memory
  std::vector<uint32_t> pages_;  // has room for all: the handler allocates nothing
  bool watches_ = false;
};

}  // namespace sweepscope::laboratory
