#include "engine/gc/shadow_stack.h"

#include <algorithm>
#include <utility>

#include "engine/gc/runtime.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void ShadowStack::add_segment(M& m) {
  MHeap& heap = m.runtime->heap();
  const uint32_t order = m.stack == nullptr ? 0 : std::min(m.stack->order + 1, kStackOrders - 1);
  StackSegment* const segment = heap.stacks.take(m, order);
  if (segment == nullptr) [[unlikely]]
    heap.fail_out_of_memory(m, segment_bytes(order));
  segment->below = std::exchange(m.stack, segment);
  m.stack_top = segment->begin();
  m.stack_end = segment->end();
  m.stack_floor = segment->below != nullptr ? segment->begin() : nullptr;
}

void ShadowStack::drop_segment(M& m) {
  StackSegment* const empty = m.stack;
  m.stack = empty->below;
  m.stack_top = m.stack_end = m.stack->end();
  m.stack_floor = m.stack->below != nullptr ? m.stack->begin() : nullptr;
  m.runtime->heap().stacks.give(m, empty);
}

void ShadowStack::fail_not_nested(M& m) { fail(m, FatalCode::kMisuse, {{"handles_are_not_nested", m.id}}); }

void ShadowStack::give_back(M& m) {
  if (m.stack == nullptr) return;
  check(m, m.stack->below == nullptr && m.stack_top == m.stack->begin(), FatalCode::kMisuse,
        Operand{"handles_outlive_their_thread", m.id});
  m.stack_top = m.stack_end = nullptr;
  m.runtime->heap().stacks.give(m, std::exchange(m.stack, nullptr));
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
