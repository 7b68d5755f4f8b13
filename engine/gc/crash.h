// What happens when an always-on check fails: one line that names it, the values by name, a dump
// of the engine, the telemetry made safe, then the end of the process (exit code 1, or a core when asked).
// In the laboratory the run ends instead, with the violation.
//
// Up to the hook (EngineOptions::on_fatal): no allocation, no lock; it may run in any state.
// The hook comes last, when nothing can be lost any more. It runs in ordinary code, never in a signal
// handler, and no check stands inside the C library, so none of the C library's locks is held by this thread:
// it may allocate and write files. It must not call the engine, whose locks this thread may hold,
// nor wait for an engine thread, which may wait for this one; the other threads keep running. A second failure,
// in the dump or in the hook, a bad access included, ends the process at once with exit code 1.
#pragma once

#include <atomic>

#include "engine/base/context.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Runtime;
struct M;

class Crash final : public Fatal {
 public:
  explicit Crash(Runtime& runtime) : runtime_(runtime) {}
  [[noreturn]] void fail(Context& context, FatalCode code, std::span<const Operand> operands) override;

 private:
  void dump(Context& context);
  void call_hook(M& m, FatalCode code, std::span<const Operand> operands) noexcept;
  Runtime& runtime_;
  // Of the first thread to fail. Its address: the Strangers of several threads have the same id.
  // relaxed: it guards no other data.
  std::atomic<const Context*> failing_{nullptr};
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
