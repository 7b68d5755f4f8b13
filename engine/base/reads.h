// The values of shared words that a thread may hold in its locals, for searches over states
// (engine/laboratory/search/state_search.h). Production: nothing at all.
//
// Two runs that reach the same state have the same future only if the locals of each thread are part of the
// state. The laboratory assumes that a thread may still hold every value that it has read since its operation
// began. ReadScope declares that a function's reads end when it returns, so that a search recognises more
// states as visited. A wrong declaration would hide states: a function with ReadScope passes to its caller
// nothing that it read, except the argument of returns() and what it stored in the heap, a P or its M.
#pragma once

#include <cstdint>
#include <type_traits>

#include "engine/base/build.h"
#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// A number for a sequence of values that a thread holds. In the laboratory only.
class HeldValues {
 public:
  void add(uint64_t value) { hash_ = (hash_ ^ value) * 0x9E3779B97F4A7C15u ^ hash_ >> 29; }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 0;
};

#ifdef SWEEPSCOPE_LABORATORY

class ReadScope {
 public:
  ReadScope() : driver_(watching_driver()), before_(driver_ != nullptr ? driver_->reads() : 0) {}
  ~ReadScope() {
    // Adds the result even if it is 0, so that a caller's loop changes its reads with every call.
    if (driver_ != nullptr) driver_->restrict_reads(before_, result_);
  }
  ReadScope(const ReadScope&) = delete;
  ReadScope& operator=(const ReadScope&) = delete;

  template <class T>
  T returns(T value) {
    result_ = static_cast<uint64_t>(value);
    return value;
  }
  // In a loop: of all values read so far, the function still holds only `value`.
  void holds(uint64_t value) {
    if (driver_ != nullptr) driver_->restrict_reads(before_, value);
  }

 private:
  // Null while the scheduler asks a predicate: that is no access of the thread.
  static Driver* watching_driver() {
    Driver* const d = driver();
    return d != nullptr && d->watching() ? d : nullptr;
  }

  Driver* const driver_;
  const uint64_t before_;
  uint64_t result_ = 0;
};

// The thread holds this value, which it did not read in a step: from data that belongs to it, or that a lock guards.
inline void note_held(uint64_t value) {
  if (Driver* d = driver(); d != nullptr && d->watching()) d->restrict_reads(d->reads(), value);
}

// The thread begins an operation; of all values read before, it still holds only `locals`.
inline void begin_operation(uint64_t locals) {
  if (Driver* d = driver()) d->restrict_reads(locals, 0);
}

#else

class ReadScope {
 public:
  ReadScope() {}  // not `= default`: an unused variable would be a warning
  template <class T>
  T returns(T value) {
    return value;
  }
  void holds(uint64_t) {}
};
static_assert(std::is_empty_v<ReadScope> && std::is_trivially_destructible_v<ReadScope>);

inline void note_held(uint64_t) {}
inline void begin_operation(uint64_t) {}

#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
