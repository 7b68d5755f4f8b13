// The heap's address space: one contiguous reservation, grown arena by arena, and the tables that are indexed
// by address.
//
//   page                    0        1        2   ...            grown            max
//   heap                |8 KiB   |8 KiB   |8 KiB   | ... arena ... |   reserved    |
//   pointer bits        |128 B   |  one bit a word of the page: the word holds a pointer
//   object bits         |256 B   |  two bits an object of the span: alloc and mark bits (object_bits.h)
//   span map            |8 B     |  the span that owns the page, null when none does
//   page infos          |4 B     |  what markers need of that span (page_info.h)
//
// A span of several pages uses the areas of its pages as one piece, from its first page on: the areas are
// contiguous, and a span never has more objects than words. So Go's per-arena bitmaps, its bit arenas and its
// two-level arena map become one subtraction and one shift, at the price of reserving (not using) 5 % of
// max_bytes.
//
// Callers: the heap grows it under mheap.lock. Any thread may look up an address or a page at any time: base
// and size never change. No step points: the heap chooses the memory orders of the span map (release once the span is
// complete, acquire by readers) and of the page infos (release when a layout changes, acquire by markers). Object bits:
// see mspan.h. Pointer bits are written by the owner of the span and read by markers.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "engine/base/prefetch.h"
#include "engine/memory/object_bits.h"
#include "engine/memory/os_array.h"
#include "engine/memory/page_info.h"
#include "engine/memory/size_class.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MSpan;

struct HeapMemoryOptions {
  size_t max_bytes = size_t{64} << 30;    // a multiple of arena_bytes
  size_t arena_bytes = size_t{64} << 20;  // a power of two, >= kPageSize; a laboratory engine takes 128 KiB
  HugePages huge_pages = HugePages::kSystem;
  uintptr_t address_hint =
      0xC0'0000'0000;  // as Go's: easy to recognise in a dump; a second engine gets another address
};

struct PageRange {
  uint32_t first;
  uint32_t pages;
};

class HeapMemory {
 public:
  static constexpr size_t kAreaBytesPerPage = kPageSize / 8 / 8;  // a bit for each 8-byte word
  static constexpr size_t kAreaWordsPerPage = kAreaBytesPerPage / sizeof(uint64_t);
  static constexpr size_t kMaxBytes = size_t{1} << 44;  // page indices stay below 2^31

  // Nothing, and a line in `error`, if the options are invalid or the system does not provide the address
  // space.
  static std::optional<HeapMemory> create(const HeapMemoryOptions& options, std::string& error);

  HeapMemory(HeapMemory&&) = default;
  HeapMemory& operator=(HeapMemory&&) = default;

  // Adds whole arenas with room for `pages`, > 0, directly behind the last; their pages read as zero. Nothing
  // when max_bytes is reached or the system refuses.
  [[nodiscard]] std::optional<PageRange> grow(uint32_t pages);
  uint32_t grown_pages() const { return grown_pages_; }  // under mheap.lock

  // Gives the memory of free pages back to the system. They read as zero afterwards. False: nothing happened.
  [[nodiscard]] bool decommit(PageRange range);

  // Makes grown pages resident, in use or not, and changes no contents. By any thread, without the lock. False: the
  // system does not do that.
  [[nodiscard]] bool populate(PageRange range) const;

  // Inside the reservation, grown or not (the span map has null for a page without a span). Needs no lock.
  bool contains(uintptr_t address) const { return address - base_ < memory_.bytes(); }
  bool contains(const void* address) const { return contains(reinterpret_cast<uintptr_t>(address)); }

  // address: contained.
  uint32_t page_of(uintptr_t address) const { return static_cast<uint32_t>((address - base_) >> kPageShift); }
  uint32_t page_of(const void* address) const { return page_of(reinterpret_cast<uintptr_t>(address)); }
  uintptr_t address_of(uint32_t page) const { return base_ + (uintptr_t{page} << kPageShift); }

  uintptr_t base() const { return base_; }
  uint32_t max_pages() const { return static_cast<uint32_t>(memory_.bytes() >> kPageShift); }
  size_t arena_bytes() const { return arena_bytes_; }

  // Each is the start of the words for this page, kAreaWordsPerPage or twice as many, followed by those of the next page.
  // All zero at first; not cleared by decommit(). Pointer bits are valid in spans whose objects differ (heap/layout.h).
  uint64_t* pointer_bits(uint32_t page) const { return &pointer_bits_[page * kAreaWordsPerPage]; }
  ObjectBits object_bits(uint32_t page) const {
    return ObjectBits(&object_bits_[page * 2 * kAreaWordsPerPage]);
  }

  std::atomic<MSpan*>* span_slot(uint32_t page) const { return &span_map_[page]; }
  std::atomic<uint32_t>& page_info(uint32_t page) const { return page_infos_[page]; }  // PageInfo::raw
  void prefetch_page_info(uintptr_t address) const {
    prefetch_to_read(page_infos_.data() + page_of(address));
  }

 private:
  HeapMemory() = default;

  Reservation memory_;
  uintptr_t base_ = 0;
  size_t arena_bytes_ = 0;
  uint32_t grown_pages_ = 0;
  OsArray<uint64_t> pointer_bits_;
  OsArray<uint64_t> object_bits_;
  OsArray<std::atomic<MSpan*>> span_map_;
  OsArray<std::atomic<uint32_t>> page_infos_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
