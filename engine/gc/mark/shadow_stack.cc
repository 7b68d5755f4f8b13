#include "engine/gc/mark/shadow_stack.h"

#include <algorithm>
#include <utility>

#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void ShadowStack::add_segment(HeapThread& m) {
  const uint32_t order = segment_ == nullptr ? 0 : std::min(segment_->order + 1, kStackOrders - 1);
  StackSegment* const segment = heap_->stacks.take(m, order);
  if (segment == nullptr) [[unlikely]]
    heap_->fail_out_of_memory(m, segment_bytes(order));
  segment->below = std::exchange(segment_, segment);
  top_ = segment->begin();
  end_ = segment->end();
  floor_ = segment->below != nullptr ? segment->begin() : nullptr;
}

void ShadowStack::drop_segment(HeapThread& m) {
  StackSegment* const empty = segment_;
  segment_ = empty->below;
  top_ = end_ = segment_->end();
  floor_ = segment_->below != nullptr ? segment_->begin() : nullptr;
  heap_->stacks.give(m, empty);
}

void ShadowStack::fail_not_nested(HeapThread& m) {
  fail(m, FatalCode::kMisuse, {{"handles_are_not_nested", m.id}});
}

void ShadowStack::give_back(HeapThread& m) {
  if (segment_ == nullptr) return;
  check(m, segment_->below == nullptr && top_ == segment_->begin(), FatalCode::kMisuse,
        Operand{"handles_outlive_their_thread", m.id});
  top_ = end_ = nullptr;
  heap_->stacks.give(m, std::exchange(segment_, nullptr));
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
