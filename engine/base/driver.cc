#include "engine/base/driver.h"

#include <cstdlib>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifdef SWEEPSCOPE_LABORATORY

namespace {

// One run per OS thread: explorers may work side by side. The engine itself never reads this, only base/ does.
thread_local Driver* current = nullptr;

}  // namespace

Driver* driver() { return current; }
void set_driver(Driver* driver) { current = driver; }

void end_run(Context& context, FatalCode code, std::span<const Operand> operands) {
  if (current != nullptr) current->violation(context, code, operands);
  std::abort();  // a check failed while a scenario was set up: there is no run to end
}

#else

void end_run(Context&, FatalCode, std::span<const Operand>) { std::abort(); }

#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
