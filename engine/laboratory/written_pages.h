// Which pages of a block were written since a moment, and what they held then. The hardware tells: watch()
// makes the block read-only, the first write to a page comes as SIGSEGV, the handler keeps the page and lets
// the write through. A page costs one fault, and no store can be missed, whoever made it. (A system call that
// should write to the block would fail instead; nothing in a run makes one.)
//
// Used by RunImage, on the OS thread of the run. Faults that are not ours go where they went before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sweepscope::laboratory {

class WrittenPages {
 public:
  static constexpr size_t kPage = 4096;

  // Of a block of whole pages that may be read and written.
  explicit WrittenPages(std::span<std::byte> block);
  ~WrittenPages();
  WrittenPages(const WrittenPages&) = delete;
  WrittenPages& operator=(const WrittenPages&) = delete;

  void watch();   // from now on; what was noted before is forgotten
  void forget();  // watches no more
  bool watches() const { return watches_; }

  // Their numbers, in the order in which they were first written: pages only join at the end.
  std::span<const uint32_t> pages() const { return pages_; }
  std::byte* at(uint32_t page) const { return block_.data() + page * kPage; }
  const std::byte* original(uint32_t page) const { return originals_ + page * kPage; }

  // For the handler. False: not in the block, or not watched.
  bool written(const void* address);

 private:
  const std::span<std::byte> block_;
  std::byte* const originals_;   // as large as the block; only what is used takes memory
  std::vector<uint32_t> pages_;  // has room for all: the handler allocates nothing
  bool watches_ = false;
};

}  // namespace sweepscope::laboratory
