// The scheduler of a run, as the laboratory's build of the engine calls it. Implemented in engine/laboratory,
// called by the other files of engine/base; in production there is no driver.
//
// A run has one Driver and uses one OS thread; every engine thread is a fiber on it. Outside a run (driver()
// is null: setting up, inspecting) accesses are made without a step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "engine/base/context.h"
#include "engine/base/fault.h"
#include "engine/base/step.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

inline constexpr uint64_t kUnknownValue = ~uint64_t{0};

struct Access {
  Step step;
  Word word;
  Op op;
  uint32_t object;
  uint64_t to = kUnknownValue;  // a store or a CAS: the value that it writes
};

// The predicate of a wait: cheap, pure, reads shared words with peek() only (no steps). Valid while its fiber
// waits.
class PredicateRef {
 public:
  template <class F>
  explicit PredicateRef(F& f) : object_(&f), call_([](void* o) { return (*static_cast<F*>(o))(); }) {}
  bool operator()() const { return call_(object_); }

 private:
  void* object_;
  bool (*call_)(void*);
};

class Driver {
 public:
  virtual ~Driver() = default;

  // step(), before the access: suspends the calling fiber until the schedule picks it. stepped(), after the
  // access: reports the values, which become the `step` event. The access between the two is atomic.
  virtual void step(const Access& access) = 0;
  virtual void stepped(const Access& access, uint64_t before, uint64_t after) = 0;

  // Suspends the calling fiber until `ready` holds and the schedule picks it. `point`: the wait point at
  // which it may fall asleep; null: it spins, and needs no wake-up.
  virtual void wait(const Access& access, PredicateRef ready, const void* point) = 0;
  // A wake-up of the first fiber that sleeps at `point`, or of all.
  enum class Wake : uint8_t { kOne, kAll };
  virtual void woken(const void* /*point*/, Wake /*whom*/) {}

  // A data choice in [0, n): part of the schedule like every step.
  virtual uint32_t choose(Step what, uint32_t n) = 0;
  // Names the alternatives of the calling fiber's next choice, for people. Valid until it has chosen.
  virtual void name_alternatives(std::span<const std::string_view> /*names*/) {}

  virtual uint32_t spawn(std::string_view name, std::function<void()> body) = 0;  // -> fiber
  virtual bool finished(uint32_t fiber) const = 0;

  // A failed check: records the violation and abandons the run; does not return.
  [[noreturn]] virtual void violation(Context& context, FatalCode code,
                                      std::span<const Operand> operands) = 0;

  // A failed check that need not end the run: true if its rule is off or only noted; notes it.
  virtual bool tolerates(Context& context, FatalCode code, std::span<const Operand> operands) = 0;

  virtual uint64_t now() const = 0;  // steps taken so far

  // Zeroed memory owned by the run, for the tables and the heap of a small engine: mapping and unmapping them
  // costs more than a short run. Null: map it.
  virtual std::byte* lend(size_t /*bytes*/, size_t /*alignment*/) { return nullptr; }

  // Reports a word that a step reads or writes in addition to the word that it names (peek, init, a
  // predicate), and its value. Called only while watching() is true: a search that skips equivalent orders of
  // steps, or visited states, needs everything that a step depends on.
  bool watching() const { return watching_; }
  virtual void note_access(Word /*word*/, uint32_t /*object*/, bool /*write*/, uint64_t /*value*/) {}

  // Names a word: one that no part of the engine declares in its state would be missing there (state.h).
  virtual void bound(const void* /*word*/) {}

  // A hash of the values that the running fiber has read and may still hold; see reads.h.
  virtual uint64_t reads() const { return 0; }
  virtual void restrict_reads(uint64_t /*reads*/, uint64_t /*result*/) {}
  // Adds these bytes, of the program or the engine, to the state: data that fibers share outside the heap.
  virtual void add_shared_data(const void* /*data*/, size_t /*bytes*/) {}

 protected:
  bool watching_ = false;

 public:
  virtual bool fault(Fault fault) const = 0;
};

#ifdef SWEEPSCOPE_LABORATORY
// One run per OS thread, so that several explorers can run in parallel.
// The engine itself never reads this, only base/ does.
inline constinit thread_local Driver* driver_of_thread = nullptr;

inline Driver* driver() { return driver_of_thread; }  // of the run on this OS thread, or null
inline void set_driver(Driver* driver) { driver_of_thread = driver; }  // by the laboratory, around a run
#else
Driver* driver();  // never defined: used only under `if constexpr (kLaboratory)`
#endif

// A failed check in the laboratory: hands the violation to the driver, which does not return. Never called in
// production.
[[noreturn]] void end_run(Context& context, FatalCode code, std::span<const Operand> operands);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
