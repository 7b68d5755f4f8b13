// The part of an engine's state that later steps or checks of the oracle can depend on: for searches that recognise
// visited states.
//
// Each part of the engine declares next to its words which of them belong to a state and why the others do not
// (base/state.h); here they are only hashed. tests/engine/laboratory/state_search_test.cc finds a word that is not
// declared, and compares with searches that need no hash.
#pragma once

#include "engine/base/state.h"
#include "engine/gc/runtime.h"
#include "engine/laboratory/seam/digest.h"

namespace sweepscope::laboratory {

// What the parts of an engine add their state to.
class StateDigest {
 public:
  explicit StateDigest(Digest& digest) : digest_(digest) {}
  void add(uint64_t value) { digest_.add(value); }
  template <class T>
  void add(const engine::Shared<T>& word) {
    digest_.add(engine::as_number(word.peek()));
  }
  template <class T>
  void leave_out(const engine::Shared<T>&, const char* /*why*/) {}

 private:
  Digest& digest_;
};

// At a decision: no fiber runs, driver() is null.
void add_engine_state(Digest& digest, engine::Runtime& runtime);

}  // namespace sweepscope::laboratory
