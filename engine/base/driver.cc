#include "engine/base/driver.h"

#include <cstdlib>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifdef SWEEPSCOPE_LABORATORY

void end_run(Context& context, FatalCode code, std::span<const Operand> operands) {
  if (Driver* d = driver()) d->violation(context, code, operands);
  std::abort();  // a check failed outside a run
}

#else

void end_run(Context&, FatalCode, std::span<const Operand>) { std::abort(); }

#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
