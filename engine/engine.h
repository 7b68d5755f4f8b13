// The facade: everything a program needs to run on the engine.
//
//   struct Node {                         // object.h: the rules, which the compiler checks
//     static constexpr size_t kRefs = 1;  // its references come first and are counted; 0: noscan
//     Ref<Node> next;
//     uint64_t value;                     // begins as zero, like all of an object
//   };
//   auto made = Engine::create(options);  // error text instead of an engine when options do not fit
//   made.engine->start_mutator("main", [](Mutator& m) {
//     Local<Node> list(m);                // a handle: a root on this thread's shadow stack
//     for (int i = 0; i < 1000; ++i) {
//       Node* n = make<Node>(m);          // a raw pointer lives until the next poll, allocation or blocking region
//       n->next.set(m, list);             // the write barrier
//       list = n;
//       m.poll();                         // a safepoint
//     }
//   });
//   made.engine->join_mutators();
//
// | to | use |
// |---|---|
// | make an object, an array, a buffer | make<T>, make_array<Ref<T>>, make_array<double>, make_array<std::byte> |
// | keep one alive | Local (this scope), Global (any thread), a Ref in an object that is alive |
// | learn that one died | set_finalizer, take_finalized |
// | wait without delaying the collector | Mutator::blocking |
// | use the heap on a thread of your own | Attached; Engine::start_mutator starts one |
//
// A mistake that the compiler cannot see ends the process with "fatal: misuse of the API" and its values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/array.h"
#include "engine/attached.h"
#include "engine/base/build.h"
#include "engine/mutator.h"
#include "engine/options.h"
#include "engine/verification.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Engine {
 public:
  struct Created {
    std::unique_ptr<Engine> engine;  // null: see error
    std::string error;               // one line
  };
  static Created create(const EngineOptions& options);
  ~Engine();  // joins mutators and stops the background threads
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Starts a mutator thread. It runs `body` while it owns a P and a run permit. Any thread may call.
  void start_mutator(std::string_view name, std::function<void(Mutator&)> body);
  void join_mutators();  // not by a mutator

  // These wait for a P, and some stop the world: called by any thread but a running mutator, which would wait
  // for itself; fatal "misuse" there. A mutator may call them inside Mutator::blocking().
  // A complete forced cycle, sweep included:
  void collect();
  // Stops the world, changes the number of Ps (1..kMaxProcs), starts it. False: out of range.
  bool set_procs(uint32_t procs);
  // Measures an empty stop: the machine's own share of every pause.
  Pause control_stop();

  EngineStats stats();           // a recount of a stopped world; does not flush mcaches
  EngineStats read_mem_stats();  // Go's ReadMemStats: the same after every mcache was emptied
  // Stops the world, runs the heap verifier and returns what it found. Under EngineOptions::verify, and in
  // the laboratory, a violation is a failed check instead, and the process or the run ends with its dump.
  [[nodiscard]] Verification verify();

  // By any thread. Trigger, goal and sweep slope follow at once: a heap beyond its new trigger is collected
  // at the next refill or large allocation. 0: at each of them; kGcOff: on demand only.
  void set_gogc(uint32_t percent);
  void pause_mutators(bool paused);  // a viewer's Pause button: mutators wait at their next poll

  Runtime& runtime() { return *runtime_; }  // for the laboratory and white-box tests

 private:
  explicit Engine(std::unique_ptr<Runtime> runtime);
  std::unique_ptr<Runtime> runtime_;
};

std::vector<std::string> flush_policy_names();            // of the catalogue, default first
std::string flush_policy_summary(std::string_view name);  // one line; empty: unknown

// Of small objects, one for each size class, ascending; each comes with and without references (span
// classes).
std::vector<uint32_t> small_sizes();  // bytes
uint64_t full_mcache_bytes();         // of an mcache that holds a span of every span class

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD

#include "engine/engine_inline.h"
