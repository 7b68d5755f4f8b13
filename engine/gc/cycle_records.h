// The records of the last kKept cycles; the newest replaces the oldest. Adding one calls no allocator: the array is
// reserved, and its pages are touched as the first records come.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "engine/memory/os_array.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class CycleRecords {
 public:
  // Fewer in the laboratory: its runs are short, and each has the memory of its engine cleared.
  static constexpr size_t kKept = kLaboratory ? 8 : kKeptCycles;

  int error() const { return records_.error(); }  // errno; 0: usable

  void add(const CycleRecord& record) { records_[added_++ % kKept] = record; }
  bool empty() const { return added_ == 0; }
  size_t size() const { return std::min(added_, kKept); }
  const CycleRecord& operator[](size_t age_order) const {  // 0: the oldest
    return records_[(added_ - size() + age_order) % kKept];
  }
  const CycleRecord& back() const { return (*this)[size() - 1]; }  // the newest; not empty

 private:
  // OsArray's elements begin as zero bytes: an assignment is all that makes one.
  static_assert(std::is_trivially_copyable_v<CycleRecord>);
  OsArray<CycleRecord> records_{kKept};
  size_t added_ = 0;  // ever
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
