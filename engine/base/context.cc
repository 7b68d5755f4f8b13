#include "engine/base/context.h"

#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void fail(Context& context, FatalCode code, std::initializer_list<Operand> operands) {
  context.fatal->fail(context, code, {operands.begin(), operands.size()});
  __builtin_unreachable();  // g++ 12 ignores [[noreturn]] of a virtual function
}

#ifdef SWEEPSCOPE_LABORATORY
bool tolerated(Context& context, FatalCode code, std::initializer_list<Operand> operands) {
  return driver() != nullptr && driver()->tolerates(context, code, {operands.begin(), operands.size()});
}
#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
