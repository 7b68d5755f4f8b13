#include "engine/base/context.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void fail(Context& context, FatalCode code, std::initializer_list<Operand> operands) {
  context.fatal->fail(context, code, {operands.begin(), operands.size()});
  __builtin_unreachable();  // g++ 12 does not believe [[noreturn]] of a virtual function
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
