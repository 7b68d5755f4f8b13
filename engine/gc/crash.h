// What happens when an always-on check fails: one line that says which, the values by name, a dump of the engine, the
// telemetry made safe, then the end of the process (exit code 1, or a core when asked). In the laboratory the run ends
// instead, with the violation.
//
// No allocation, no lock: it may run in any state. A second failure while dumping, a bad access included, ends the
// process at once with exit code 1.
#pragma once

#include <atomic>

#include "engine/base/context.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Runtime;

class Crash final : public Fatal {
 public:
  explicit Crash(Runtime& runtime) : runtime_(runtime) {}
  [[noreturn]] void fail(Context& context, FatalCode code, std::span<const Operand> operands) override;

 private:
  void dump(Context& context);
  Runtime& runtime_;
  std::atomic<uint32_t> failing_{0};  // thread id + 1 of the first to fail; relaxed: only who it is matters
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
