// What a thread remembers of shared words, for searches over states (engine/laboratory/state_search.h).
// Production: nothing at all.
//
// Two runs that meet in the same state have the same future, if what each thread holds in its locals is part
// of the state. The laboratory takes every value that a thread has read since its operation began for
// something that it may still hold. Most of it is forgotten when a function returns; saying so lets a search
// see that it has been here before. To say it where it is not so would hide states: a function with
// ReadsEndHere hands nothing that it read to its caller but what it gives to returns(), and what it left in
// the heap, a P or its M.
#pragma once

#include <cstdint>
#include <type_traits>

#include "engine/base/build.h"
#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifdef SWEEPSCOPE_LABORATORY

class ReadsEndHere {
 public:
  ReadsEndHere() : before_(driver() != nullptr ? driver()->reads() : 0) {}
  ~ReadsEndHere() {
    // One more call was made: a caller's loop counts them.
    if (Driver* d = driver()) d->remember_only(before_, result_);
  }
  ReadsEndHere(const ReadsEndHere&) = delete;
  ReadsEndHere& operator=(const ReadsEndHere&) = delete;

  template <class T>
  T returns(T value) {
    result_ = static_cast<uint64_t>(value);
    return value;
  }
  // In a loop: from here on the function itself holds nothing of what it read but `value`.
  void holds(uint64_t value) {
    if (Driver* d = driver()) d->remember_only(before_, value);
  }

 private:
  uint64_t before_;
  uint64_t result_ = 0;
};

// The thread begins an operation and holds nothing of what it read before but `locals`.
inline void operation_begins(uint64_t locals) {
  if (Driver* d = driver()) d->remember_only(locals, 0);
}

#else

class ReadsEndHere {
 public:
  ReadsEndHere() {}  // not `= default`: an unused variable would be a warning
  template <class T>
  T returns(T value) {
    return value;
  }
  void holds(uint64_t) {}
};
static_assert(std::is_empty_v<ReadsEndHere> && std::is_trivially_destructible_v<ReadsEndHere>);

inline void operation_begins(uint64_t) {}

#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
