// What a later step or check can depend on, declared by each part of the engine next to its words: for searches that
// recognise visited states (engine/laboratory/search/engine_state.h). Production: templates that are never used.
//
// A part has a member `template <class State> void add_state(State& to) const` with a line for each of its words:
//
//   to.add(word);              a shared word that belongs to the state
//   to.leave_out(word, why);   one that does not. `why` is the proof: nothing reads it, or what it says
//                              follows from other parts of the state and the places of the threads
//   to.add(number);            data that an owner, a lock or a stopped world guards
//
// Locks are left out: who holds one follows from the places of the threads. A test fails if a bound word is neither
// added nor left out (tests/engine/laboratory/state_search_test.cc).
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "engine/base/shared.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// A number for each value that a shared word of this type may have. Not of a pointer: what it points to is state.
template <class T>
uint64_t as_number(T value) {
  static_assert(!std::is_pointer_v<T>);
  if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<uint64_t>(value);
  else
    return static_cast<uint64_t>(value);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
