#include "engine/base/context.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void fail(Context& context, FatalCode code, std::initializer_list<Operand> operands) {
  context.fatal->fail(context, code, {operands.begin(), operands.size()});
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
