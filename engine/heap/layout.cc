#include "engine/heap/layout.h"

#include <algorithm>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// Sets `ones` pointer bits from `first` on and clears up to `total`.
void write_bits(uint64_t* bits, uint64_t first, uint64_t ones, uint64_t total) {
  uint64_t at = first;
  const uint64_t end = first + total;
  const uint64_t last_one = first + ones;
  while (at < end) {
    const uint64_t in_word = std::min<uint64_t>(64 - at % 64, end - at);
    const uint64_t mask = (in_word == 64 ? ~uint64_t{0} : ((uint64_t{1} << in_word) - 1)) << (at % 64);
    uint64_t set = 0;
    if (at < last_one) {
      const uint64_t n = std::min<uint64_t>(in_word, last_one - at);
      set = (n == 64 ? ~uint64_t{0} : ((uint64_t{1} << n) - 1)) << (at % 64);
    }
    // Only the owner of the span writes here,
    // but a marker may be reading what other objects have in this word.
    // relaxed: a marker comes to this object by a reference, which Ref::set publishes after this.
    HeapWord word(bits[at / 64]);
    word.put((word.peek(std::memory_order_relaxed) & ~mask) | set, std::memory_order_relaxed);
    at += in_word;
  }
}

void publish(MHeap& heap, MSpan& span, uint64_t refs, uint32_t references) {
  span.refs = refs;
  for (uint32_t page = 0; page < span.pages; ++page)
    // release: pairs with the marker's acquire, after which it reads the bits.
    heap.memory()
        .page_info(span.first_page + page)
        .store(PageInfo(span.span_class, page, references).raw(), std::memory_order_release);
}

}  // namespace

void change_layout(MHeap& heap, MSpan& span, uint32_t slot, uint64_t refs) {
  if (span.refs == kNoLayout) {
    publish(heap, span, refs, static_cast<uint32_t>(refs));
    return;
  }
  uint64_t* const bits = heap.memory().pointer_bits(span.first_page);
  const uint64_t words = span.elem_size / 8;
  if (span.refs != kBitmap) {
    for (uint32_t other = 0; other < span.nelems; ++other) write_bits(bits, other * words, span.refs, words);
    publish(heap, span, kBitmap, PageInfo::kBitmap);
  }
  write_bits(bits, slot * words, refs, words);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
