// Size classes: which sizes small objects come in, how many pages their spans take, and how an offset inside
// a span becomes an object index.
//
// The table is generated at compile time by Go's rule (runtime/mksizeclasses.go), so that the rule can be
// read; the test compares the whole table with Go's published one. Everything here is constexpr data and pure
// functions, for any thread, without locks and without step points.
//
// Equations, for every class c in 1..66:
//   class_objects(c) = class_bytes(c) / class_size(c)              class_size is a multiple of 8
//   class_bytes(c) mod class_size(c) <= class_bytes(c) / 8         the unused tail is at most 12.5 % of a span
//   class_size(size_class_of(n) - 1) < n <= class_size(size_class_of(n))
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline constexpr size_t kPageShift = 13;
inline constexpr size_t kPageSize = size_t{1} << kPageShift;
inline constexpr uint32_t kPagesPerHugePage = (size_t{2} << 20) / kPageSize;
inline constexpr size_t kMaxSmallSize = 32768;  // bytes; a larger object has a span of its own, size class 0
inline constexpr size_t kNumSizeClasses = 67;   // class 0 is "large"
inline constexpr size_t kNumSpanClasses = 2 * kNumSizeClasses;

// index = offset / size by one multiplication and one shift, exact for every offset inside a span of a size
// class (the test tries all of them). A large span has one object: the default, multiplier 0, gives index 0
// for any offset.
class DivMagic {
 public:
  constexpr DivMagic() = default;
  // size: bytes, 8..32768. Rounding 2^32 / size up keeps the result from falling short at exact multiples;
  // the rounding error, at most offset / 2^32, is far below the 1 / size that separates two indices.
  constexpr explicit DivMagic(uint32_t size) : multiplier_(~uint32_t{0} / size + 1) {}

  constexpr uint32_t divide(uint32_t offset) const {
    return static_cast<uint32_t>((uint64_t{offset} * multiplier_) >> 32);
  }

 private:
  uint32_t multiplier_ = 0;
};

namespace size_class_detail {

inline constexpr size_t kFineLimit = 1024 - 8;  // bytes; up to here the lookup goes by 8 bytes, beyond by 128
inline constexpr size_t kFineStep = 8;
inline constexpr size_t kCoarseStep = 128;

struct Row {
  uint32_t size = 0;  // bytes of an object
  uint32_t objects = 0;
  DivMagic magic;
  uint8_t pages = 0;
};

// Where the distance between candidate sizes changes, so that rounding up wastes at most an eighth.
constexpr size_t alignment_from(size_t power_of_two) {
  if (power_of_two >= 2048) return 256;
  if (power_of_two >= 128) return power_of_two / 8;
  if (power_of_two >= 16) return 16;
  return 8;
}

// The fewest pages whose unused tail is at most an eighth.
constexpr size_t pages_for(size_t size) {
  size_t bytes = kPageSize;
  while (bytes % size > bytes / 8) bytes += kPageSize;
  return bytes / kPageSize;
}

constexpr std::array<Row, kNumSizeClasses> generate() {
  std::array<Row, kNumSizeClasses> rows{};
  size_t last = 0;
  size_t alignment = 8;
  for (size_t size = alignment; size <= kMaxSmallSize; size += alignment) {
    if (std::has_single_bit(size)) alignment = alignment_from(size);
    const size_t pages = pages_for(size);
    const size_t objects = pages * kPageSize / size;
    // As many objects in as many pages as the class before: the larger size replaces that class.
    const bool merge = last > 0 && rows[last].pages == pages && rows[last].objects == objects;
    if (!merge) ++last;
    // A wrong number of classes would index past the array, which constant evaluation refuses.
    rows[last].size = static_cast<uint32_t>(size);
    rows[last].objects = static_cast<uint32_t>(objects);
    rows[last].pages = static_cast<uint8_t>(pages);
  }
  for (size_t c = 1; c < kNumSizeClasses; ++c) {
    // Distribute the tail over the objects, as far as they stay aligned to two cache lines.
    const uint32_t raised =
        static_cast<uint32_t>(rows[c].pages * kPageSize / rows[c].objects) & ~uint32_t{127};
    if (raised > rows[c].size) rows[c].size = raised;
    rows[c].magic = DivMagic(rows[c].size);
  }
  return rows;
}

inline constexpr std::array<Row, kNumSizeClasses> kRows = generate();

// The least class that holds `size` bytes.
constexpr uint8_t search(size_t size) {
  uint8_t c = 1;
  while (kRows[c].size < size) ++c;
  return c;
}

constexpr auto generate_fine() {
  std::array<uint8_t, kFineLimit / kFineStep + 1> table{};
  for (size_t i = 1; i < table.size(); ++i) table[i] = search(i * kFineStep);
  return table;
}

constexpr auto generate_coarse() {
  std::array<uint8_t, (kMaxSmallSize - kFineLimit - kFineStep) / kCoarseStep + 1> table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = search(kFineLimit + kFineStep + i * kCoarseStep);
  return table;
}

inline constexpr auto kFine = generate_fine();
inline constexpr auto kCoarse = generate_coarse();

}  // namespace size_class_detail

// The least size class whose objects hold `size` bytes. size: 1..kMaxSmallSize (0 gives 0, which is no small
// class).
constexpr uint8_t size_class_of(size_t size) {
  namespace d = size_class_detail;
  if (size <= d::kFineLimit) return d::kFine[(size + d::kFineStep - 1) / d::kFineStep];
  return d::kCoarse[(size - d::kFineLimit - d::kFineStep + d::kCoarseStep - 1) / d::kCoarseStep];
}

// Of size class c, 0..66; all are 0 for class 0, whose spans have their own size.
constexpr uint32_t class_size(uint8_t c) { return size_class_detail::kRows[c].size; }  // bytes of an object
constexpr uint32_t class_pages(uint8_t c) { return size_class_detail::kRows[c].pages; }
constexpr uint32_t class_objects(uint8_t c) { return size_class_detail::kRows[c].objects; }
constexpr uint32_t class_bytes(uint8_t c) { return class_pages(c) << kPageShift; }  // of a span
constexpr DivMagic class_magic(uint8_t c) { return size_class_detail::kRows[c].magic; }

static_assert(class_size(66) == kMaxSmallSize && class_objects(66) == 1);
static_assert(class_size(1) == 8 && class_objects(1) == 1024);
static_assert(class_size(3) == 32 && class_objects(4) == 170);
static_assert(class_size(34) == 1408 && class_pages(34) == 2 && class_objects(34) == 11);
static_assert(class_size(49) == 6912 && class_pages(49) == 6 && class_objects(49) == 7);
static_assert(class_size(60) == 19072 && class_pages(60) == 7 && class_objects(60) == 3);

// Go's spanClass: the size class, and whether the objects hold no pointers (then marking does not scan them).
// Also the index of a span's slot in an mcache and of its mcentral.
class SpanClass {
 public:
  constexpr SpanClass() = default;  // large, with pointers
  constexpr SpanClass(uint8_t size_class, bool noscan)
      : raw_(static_cast<uint8_t>(size_class << 1 | (noscan ? 1 : 0))) {}
  static constexpr SpanClass from_raw(uint8_t raw) { return SpanClass(raw >> 1, (raw & 1) != 0); }

  constexpr uint8_t size_class() const { return raw_ >> 1; }
  constexpr bool noscan() const { return (raw_ & 1) != 0; }
  constexpr uint8_t raw() const { return raw_; }  // 0..kNumSpanClasses - 1

  friend constexpr bool operator==(SpanClass, SpanClass) = default;

 private:
  uint8_t raw_ = 0;
};

inline constexpr SpanClass kTinySpanClass{2, true};  // the 16-byte blocks that tiny objects share

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
