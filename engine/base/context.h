// The part of an engine thread that base/ needs, and the always-on checks.
//
// Every function of the engine that can fail, lock or wait takes the Context (or the M derived from it)
// of its thread. There is no thread_local: in the laboratory many fibers share one OS thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "engine/base/fatal_codes.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct Context;

struct Operand {  // a value that a failed check prints with its name
  const char* name;
  uint64_t value;
};

// The engine's port for failed checks: prints, dumps, saves the telemetry, ends the process or the run.
class Fatal {
 public:
  virtual ~Fatal() = default;
  [[noreturn]] virtual void fail(Context& context, FatalCode code, std::span<const Operand> operands) = 0;
};

struct Context {
  Fatal* fatal = nullptr;
  uint32_t id = 0;               // thread number within the engine
  uint32_t held_ranks = 0;       // bit r: a lock of rank r is held
  uint32_t non_preemptible = 0;  // depth; > 0: no poll may happen here
};

[[noreturn]] void fail(Context& context, FatalCode code, std::initializer_list<Operand> operands);

// Laboratory: true if the run has switched the rule off or only notes it; the engine then continues as if the
// check had passed. Not defined in production, where every failed check is fatal.
bool tolerated(Context& context, FatalCode code, std::initializer_list<Operand> operands);

template <class... Operands>
inline void check(Context& context, bool holds, FatalCode code, const Operands&... operands) {
  if (!holds) [[unlikely]] {
    if constexpr (kLaboratory) {
      if (tolerated(context, code, {operands...})) return;
    }
    fail(context, code, {operands...});
  }
}

// The same for a condition that the following code depends on (a pointer that is not null, an index
// within a table): fatal in every mode of every build.
template <class... Operands>
inline void insist(Context& context, bool holds, FatalCode code, const Operands&... operands) {
  if (!holds) [[unlikely]]
    fail(context, code, {operands...});
}

// A region in which the thread does not poll and keeps its P: a claimed span is swept to the end.
class NonPreemptible {
 public:
  explicit NonPreemptible(Context& context) : context_(context) { ++context_.non_preemptible; }
  ~NonPreemptible() { --context_.non_preemptible; }
  NonPreemptible(const NonPreemptible&) = delete;
  NonPreemptible& operator=(const NonPreemptible&) = delete;

 private:
  Context& context_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
