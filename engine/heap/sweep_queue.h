// A sweep queue: ids of spans that were swept (or allocated) in one cycle and must be swept in the next.
//
// Two of them swap roles with h: pushes go to the swept one,
// pops come from the unswept one, never both on the same queue in one cycle.
// So push against push and pop against pop must be safe, push against pop need not be:
// the turn in a stopped world lies between them and makes the entries visible.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/reads.h"
#include "engine/base/shared.h"
#include "engine/memory/os_array.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class alignas(64) SweepQueue {  // a line of its own: pushes of all threads meet in it
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

  // The swept spans of a batch.
  void push(std::span<const uint32_t> spans) {
    const ReadScope scope;
    // relaxed: as for one.
    const uint32_t place = size_.fetch_add(static_cast<uint32_t>(spans.size()), std::memory_order_relaxed,
                                           "sweep queue: push swept spans");
    std::copy(spans.begin(), spans.end(), &ids_[place]);
  }

  // At most `most` spans, which are the caller's to look at; none: the queue is empty. They stay in their places, where
  // no thread writes before the next turn: nothing is pushed on a queue that is popped from.
  std::span<const uint32_t> pop(uint32_t most) {
    ReadScope scope;
    // relaxed both: the winner of a place is its only reader; its entry was written before the last turn.
    uint32_t size = size_.load(std::memory_order_relaxed, "sweep queue: read the size");
    while (size > 0) {
      scope.holds(size);
      const uint32_t left = size - std::min(size, most);
      if (size_.compare_exchange(size, left, std::memory_order_relaxed, std::memory_order_relaxed,
                                 "sweep queue: pop spans")) {
        const std::span<const uint32_t> popped(&ids_[left], size - left);
        if constexpr (kLaboratory) scope.returns(digest_of(popped));
        return popped;
      }
    }
    return {};
  }
  std::optional<uint32_t> pop() {
    const std::span<const uint32_t> popped = pop(1);
    return popped.empty() ? std::nullopt : std::optional(popped.front());
  }

  // For ReadScope: what a function holds that holds these.
  static uint64_t digest_of(std::span<const uint32_t> ids) {
    uint64_t digest = ids.size();
    for (const uint32_t id : ids) digest = digest * 0x9E3779B97F4A7C15ull + id + 1;
    return digest;
  }

  template <class State>
  void add_state(State& to) const {
    to.add(size_);
    for (uint32_t i = 0; i < size(); ++i) to.add(ids_[i]);
  }

  uint32_t size() const { return size_.peek(); }
  // Of the swept queue a place below a size() that was read in a stopped world, until the next turn; else world stopped.
  uint32_t at(uint32_t place) const { return ids_[place]; }

 private:
  Shared<uint32_t> size_;
  OsArray<uint32_t> ids_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
