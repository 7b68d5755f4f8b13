// ObjectBits: one bit for each object of a span in each of two tables, which swap roles as alloc and mark bits.
//
//   word of table 0     0 1 2 3         4 5 6 7         8 ...
//   word of table 1             0 1 2 3         4 5 6 7
//                       |- a cache line -|- the next -|
//
// The tables lie interleaved, four words each in turn. So a span of at most 256 objects, as those of all classes from 32
// bytes on, has all its bits in one cache line: a sweep or a flush, which need both tables, wait for one line.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/build.h"
#include "engine/base/prefetch.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class ObjectBits {
 public:
  ObjectBits() = default;
  // area: aligned to a cache line, with room for the words of both tables, rounded up to four each.
  explicit ObjectBits(uint64_t* area) : area_(area) {}

  // table: 0 or 1. Objects 64 * number ... of the span.
  uint64_t& word(unsigned table, uint32_t number) const {
    return area_[size_t{number / kInTurn * 2 + table} * kInTurn + number % kInTurn];
  }
  void prefetch(uint32_t words) const {  // of each table
    for (uint32_t number = 0; number < words; number += kInTurn) prefetch_to_write(&word(0, number));
  }

 private:
  static constexpr uint32_t kInTurn = 4;
  uint64_t* area_ = nullptr;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
