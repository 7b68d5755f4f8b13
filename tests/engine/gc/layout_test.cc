// The layout that markers read: which words of an object are references.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/heap/layout.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

struct Layout : ::testing::Test {
  WhiteBox box;
  Mutator mutator{box.m(), box.runtime()};

  struct Made {
    std::byte* at;
    size_t bytes, refs;
  };
  std::vector<Made> made;

  std::byte* make(size_t bytes, size_t refs) {
    auto* at = static_cast<std::byte*>(allocate(mutator, bytes, refs));
    made.push_back({at, bytes, refs});
    return at;
  }
  // In each object the first words are its references; no later word is one.
  void expect_layouts() {
    for (const Made& object : made) {
      const auto address = reinterpret_cast<uintptr_t>(object.at);
      MSpan& span = *box.heap().find(address);
      const uint64_t* bits = box.heap().memory().pointer_bits(span.first_page);
      const size_t words = span.large() ? object.bytes / 8 : span.elem_size / 8;
      for (size_t i = 0; i < words; ++i) {
        const uint64_t word = (address - span.base) / 8 + i;
        const bool is_reference =
            span.refs == kBitmap ? (bits[word / 64] >> (word % 64) & 1) != 0 : i < span.refs;
        ASSERT_EQ(is_reference, i < object.refs)
            << "word " << i << " of an object of " << object.bytes << " bytes with " << object.refs
            << " references, which begins at word " << word - i << " of its span";
      }
    }
    made.clear();
  }
};

// Counts around the borders of a bitmap word, and the ends of the object.
std::vector<size_t> counts_of(size_t words) {
  std::vector<size_t> counts{1, 2, words / 2, words - 1, words};
  for (size_t border = 64; border <= 320; border += 64)
    for (size_t count : {border - 1, border, border + 1}) counts.push_back(count);
  std::erase_if(counts, [words](size_t count) { return count == 0 || count > words; });
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  return counts;
}

TEST_F(Layout, HasEveryReferenceAndNoOtherWordInEverySizeClass) {
  for (uint8_t size_class = 1; size_class < kNumSizeClasses; ++size_class) {
    const size_t bytes = class_size(size_class);
    for (const size_t refs : counts_of(bytes / 8)) {
      // Neighbours of one class, so that objects begin at every position in a bitmap word possible for it: first alike,
      // then each next to one that differs, so that their span has bits.
      for (const bool alike : {true, false}) {
        for (uint32_t i = 0; i < std::min<uint32_t>(class_objects(size_class), 20); ++i) {
          if (!alike && bytes > 8) make(bytes, refs == 1 ? 2 : 1);
          make(bytes, refs);
        }
        expect_layouts();
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_F(Layout, OfALargeObjectHasEveryReference) {
  for (const size_t bytes : {32776u, 40000u, 65536u, 131072u + 8u, 1u << 20})
    for (const size_t refs : {size_t{1}, size_t{64}, size_t{4097}, bytes / 8 - 1, bytes / 8}) {
      make(bytes, refs);
      expect_layouts();
      if (HasFatalFailure()) return;
    }
}

// A reused slot keeps nothing of its last object's layout.
TEST_F(Layout, OfAReusedSlotIsThatOfItsNewObject) {
  for (const size_t bytes : {48u, 528u, 960u, 1152u, 2688u}) {
    Local<std::byte> keeps_the_span(mutator, make(bytes, 1));
    for (int i = 0; i < 3; ++i) make(bytes, bytes / 8);
    made.clear();
    mutator.collect();
    for (int i = 0; i < 2; ++i) make(bytes, 1);
    ASSERT_EQ(box.heap().find(reinterpret_cast<uintptr_t>(made.back().at)),
              box.heap().find(reinterpret_cast<uintptr_t>(keeps_the_span.get())));
    expect_layouts();
  }
}

// Objects of one span with different layouts, each of them made first and last.
TEST_F(Layout, EveryReferenceOfObjectsThatDifferKeepsItsTarget) {
  constexpr size_t kBytes = 80;
  for (size_t refs = 1; refs <= kBytes / 8; ++refs) {
    uint64_t expected = 1;
    // Of another size class, so that the first object of the span has the fewest references.
    Local<Ref<Ref<std::byte>>> arrays(mutator, make_refs<Ref<std::byte>>(mutator, kBytes / 4));
    for (size_t i = 0; i < kBytes / 8; ++i) {
      const size_t count = 1 + (refs - 1 + i) % (kBytes / 8);
      arrays[i].set(mutator, static_cast<Ref<std::byte>*>(allocate(mutator, kBytes, count)));
      for (size_t r = 0; r < count; ++r) arrays[i].get()[r].set(mutator, make_bytes(mutator, 16));
      expected += 1 + count;
    }
    mutator.collect();
    EXPECT_EQ(box.runtime().collector().records().back().marked_objects, expected);
  }
}

// The same as the program sees it: every referent of an object survives.
TEST_F(Layout, EveryReferenceOfAnObjectKeepsItsTarget) {
  for (const size_t refs : {8u, 65u, 120u, 121u, 144u, 190u, 336u, 1000u}) {
    for (int round = 0; round < 3; ++round) {
      Local<Ref<std::byte>> array(mutator, make_refs<std::byte>(mutator, refs));
      for (size_t i = 0; i < refs; ++i) array[i].set(mutator, make_bytes(mutator, 16));
      make_refs<std::byte>(mutator, refs);  // the next array begins elsewhere in its bitmap words
      mutator.collect();
      EXPECT_EQ(box.runtime().collector().records().back().marked_objects, refs + 1);
    }
  }
}

}  // namespace
}  // namespace sweepscope::engine
