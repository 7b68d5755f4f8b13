#include "engine/memory/heap_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

std::string in_mebibytes(size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

// An empty string, or why the options are invalid.
std::string problem_with(const HeapMemoryOptions& options) {
  if (!std::has_single_bit(options.arena_bytes) || options.arena_bytes < kPageSize)
    return "the arena size must be a power of two of at least " + std::to_string(kPageSize) + " bytes, not " +
           std::to_string(options.arena_bytes);
  if (options.max_bytes == 0 || options.max_bytes % options.arena_bytes != 0)
    return "the heap limit must be a multiple of the arena size, " + std::to_string(options.arena_bytes) +
           " bytes, not " + std::to_string(options.max_bytes);
  if (options.max_bytes > HeapMemory::kMaxBytes)
    return "the heap limit must be at most " + in_mebibytes(HeapMemory::kMaxBytes) + ", not " +
           in_mebibytes(options.max_bytes);
  return {};
}

// Only advice: a kernel without huge pages returns EINVAL, which does no harm. No huge page for the first 2 MiB of a table,
// which serve 64 MiB of heap and more: a small heap would pay for memory that it does not use. Those of the page infos
// serve 4 GiB, but what 1 GiB uses of them, 128 small pages, is within the reach of a second-level TLB.
template <class T>
void advise_table(const OsArray<T>& table, HugePages choice) {
  const size_t small = std::min(table.bytes(), size_t{2} << 20);
  std::byte* const begin = reinterpret_cast<std::byte*>(table.data());
  (void)advise_huge_pages(begin, small,
                          choice == HugePages::kSystem ? HugePages::kSystem : HugePages::kNever);
  if (table.bytes() > small) (void)advise_huge_pages(begin + small, table.bytes() - small, choice);
}

}  // namespace

std::optional<HeapMemory> HeapMemory::create(const HeapMemoryOptions& options, std::string& error) {
  error = problem_with(options);
  if (!error.empty()) return std::nullopt;

  const auto refused = [&](const char* what, int code) {
    error = std::string("cannot reserve address space for ") + what + " of a heap of " +
            in_mebibytes(options.max_bytes) + ": " + describe_errno(code) +
            " (see ulimit -v, or lower the heap limit)";
    return std::nullopt;
  };

  HeapMemory heap;
  heap.arena_bytes_ = options.arena_bytes;
  heap.memory_ =
      Reservation::reserve(options.max_bytes, options.arena_bytes, Protection::kNone, options.address_hint);
  if (!heap.memory_) return refused("the arenas", heap.memory_.error());
  heap.base_ = reinterpret_cast<uintptr_t>(heap.memory_.base());

  const size_t area_words = heap.max_pages() * kAreaWordsPerPage;
  heap.pointer_bits_ = OsArray<uint64_t>(area_words);
  heap.object_bits_ = OsArray<uint64_t>(2 * area_words);
  for (const OsArray<uint64_t>* area : {&heap.pointer_bits_, &heap.object_bits_}) {
    if (!*area) return refused("the bitmaps", area->error());
    advise_table(*area, options.huge_pages);
  }
  heap.span_map_ = OsArray<std::atomic<MSpan*>>(heap.max_pages());
  if (!heap.span_map_) return refused("the span map", heap.span_map_.error());
  heap.page_infos_ = OsArray<std::atomic<uint32_t>>(heap.max_pages());
  if (!heap.page_infos_) return refused("the page infos", heap.page_infos_.error());
  advise_table(heap.page_infos_, options.huge_pages);
  (void)advise_huge_pages(heap.memory_.base(), heap.memory_.bytes(), options.huge_pages);
  return heap;
}

std::optional<PageRange> HeapMemory::grow(uint32_t pages) {
  const size_t left = memory_.bytes() - (size_t{grown_pages_} << kPageShift);
  const size_t wanted = ((size_t{pages} << kPageShift) + arena_bytes_ - 1) & ~(arena_bytes_ - 1);
  if (pages == 0 || wanted > left) return std::nullopt;
  const PageRange range{grown_pages_, static_cast<uint32_t>(wanted >> kPageShift)};
  // Memory lent by a run is usable from the start, and the run controls its protection.
  if (!memory_.lent() && commit(reinterpret_cast<void*>(address_of(range.first)), wanted) != 0)
    return std::nullopt;
  grown_pages_ += range.pages;
  return range;
}

bool HeapMemory::populate(PageRange range) const {
  if (memory_.lent()) return false;
  return engine::populate(reinterpret_cast<void*>(address_of(range.first)),
                          size_t{range.pages} << kPageShift) == 0;
}

bool HeapMemory::decommit(PageRange range) {
  void* const begin = reinterpret_cast<void*>(address_of(range.first));
  const size_t bytes = size_t{range.pages} << kPageShift;
  if (memory_.lent()) {
    std::memset(begin, 0, bytes);
    return true;
  }
  return engine::decommit(begin, bytes) == 0;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
