// A fixed-capacity array whose memory the kernel provides page by page as it is touched: a table indexed by
// heap page covers the largest possible heap, never moves, and takes memory only for what is used.
//
// The elements start as zero bytes, which must be a valid T, and T needs no destructor. Create it
// single-threaded; the elements have their own synchronisation. No step points.
#pragma once

#include <type_traits>

#include "engine/memory/os_memory.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

template <class T>
class OsArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  OsArray() = default;
  // Check with operator bool; count > 0.
  explicit OsArray(size_t count) {
    if (count > SIZE_MAX / sizeof(T)) count = SIZE_MAX / sizeof(T);  // reserve() refuses that much
    memory_ = Reservation::reserve(count * sizeof(T), alignof(T), Protection::kReadWrite);
  }

  explicit operator bool() const { return static_cast<bool>(memory_); }
  int error() const { return memory_.error(); }
  T* data() const { return reinterpret_cast<T*>(memory_.base()); }
  T& operator[](size_t index) const { return data()[index]; }
  size_t bytes() const { return memory_.bytes(); }

 private:
  Reservation memory_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
