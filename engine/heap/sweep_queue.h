// A sweep queue: ids of spans that were swept (or allocated) in one cycle and must be swept in the next.
//
// Two of them swap roles with h: pushes go to the swept one,
// pops come from the unswept one, never both on the same queue in one cycle.
// So push against push and pop against pop must be safe, push against pop need not be:
// the turn in a stopped world lies between them and makes the entries visible.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/reads.h"
#include "engine/base/shared.h"
#include "engine/memory/os_array.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class SweepQueue {
 public:
  SweepQueue(OsArray<uint32_t> storage, uint32_t number) : ids_(std::move(storage)) {
    size_.bind(Word::kSweepQueue, number);
  }

  void push(uint32_t span) {
    const ReadScope scope;
    // relaxed: each pusher gets a place of its own;
    // poppers see the entry through the stop before the next turn.
    const uint32_t place = size_.fetch_add(1, std::memory_order_relaxed, "sweep queue: push the swept span");
    ids_[place] = span;
  }

  std::optional<uint32_t> pop() {
    ReadScope scope;
    // relaxed both: the winner of a place is its only reader; its entry was written before the last turn.
    uint32_t size = size_.load(std::memory_order_relaxed, "sweep queue: read the size");
    while (size > 0) {
      scope.holds(size);
      if (size_.compare_exchange(size, size - 1, std::memory_order_relaxed, std::memory_order_relaxed,
                                 "sweep queue: pop a span"))
        return scope.returns(ids_[size - 1]);
    }
    return std::nullopt;
  }

  uint32_t size() const { return size_.peek(); }
  uint32_t at(uint32_t place) const { return ids_[place]; }  // stopped world only

 private:
  Shared<uint32_t> size_;
  OsArray<uint32_t> ids_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
