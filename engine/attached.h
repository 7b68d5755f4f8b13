// Attached: makes the calling thread a mutator until the end of a scope. For a program that has threads of its
// own; Engine::start_mutator() is for those that let the engine start them.
//
//   std::thread worker([&engine] {
//     Attached mutator(engine);                     // waits for a P and a run permit
//     Local<Node> node(mutator, make<Node>(mutator));
//     mutator.blocking([] { wait_for_input(); });   // a thread that waits must not keep the P
//   });                                             // gives the P back
#pragma once

#include "engine/mutator.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Any thread may attach but a running mutator of the same engine, which would wait for its own P: fatal
// "misuse" (inside Mutator::blocking() it may). It ends on its own thread, after the handles made with it and
// before the engine; fatal "misuse" otherwise. Until then it polls like every mutator: a stop of the world
// waits for it.
class Attached : public Mutator {
 public:
  explicit Attached(Engine& engine);
  ~Attached();

 private:
  Engine& engine_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
