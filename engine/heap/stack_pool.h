// Stack segments: the memory of shadow stacks, 2 to 16 KiB,
// carved from manual spans of 32 KiB (Go's stack.go).
//
//   take: the P's StackCache ── empty: half a cache from the pool ── empty: a manual span
//                                                                          from the heap, carved up
//   give: the P's StackCache ── full: half of it to the pool
//
// A thread without a P goes to the pool. A flush empties the P's cache (Go's stackcache_clear), so that idle
// Ps keep no memory back. Spans of which every segment came home go back to the heap after a cycle,
// never during one (Go frees them only while its phase is off).
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/lock.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;
class MSpan;
struct HeapThread;

inline constexpr uint32_t kStackOrders = 4;
inline constexpr uint32_t kStackSpanBytes = kLaboratory ? 16 << 10 : 32 << 10;  // small engines stay small
constexpr uint32_t segment_bytes(uint32_t order) { return 2048u << order; }

struct StackSegment {   // at the beginning of its own memory
  StackSegment* below;  // in use: the older segment of its stack. Free: the next one in the list
  uint32_t order;
  uint32_t span;  // id of the manual span

  void** begin() { return reinterpret_cast<void**>(this + 1); }
  void** end() { return reinterpret_cast<void**>(reinterpret_cast<char*>(this) + segment_bytes(order)); }
};

// A list of segments, in their order (base/state.h).
template <class State>
void add_segments(State& to, const StackSegment* first) {
  for (; first != nullptr; first = first->below) to.add(reinterpret_cast<uintptr_t>(first));
  to.add(0);
}

// A P's free segments by order. Belongs to the owner of the P.
struct StackCache {
  static constexpr uint32_t kMost = kLaboratory ? 8 << 10 : 32 << 10;  // bytes of one order
  std::array<StackSegment*, kStackOrders> free{};
  std::array<uint32_t, kStackOrders> bytes{};

  bool empty() const;
  void push(StackSegment* segment);
  StackSegment* pop(uint32_t order);  // null: none
};

class StackPool {
 public:
  explicit StackPool(MHeap& heap) : heap_(heap) {}

  // A segment of 2 KiB << order; null when the heap cannot grow. Its slots are not cleared.
  StackSegment* take(HeapThread& m, uint32_t order);
  void give(HeapThread& m, StackSegment* segment);
  // Returns everything that the cache holds. By its owner, or in a stopped world.
  void clear(HeapThread& m, StackCache& cache);
  // Gives spans without a segment in use or in a cache back to the heap. Not while marking.
  void free_empty_spans(HeapThread& m);

  StackSegment* free(uint32_t order) const { return free_[order]; }  // stopped world

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    for (const StackSegment* first : free_) add_segments(to, first);
  }

 private:
  StackSegment* take_locked(HeapThread& m, uint32_t order);
  void give_locked(StackSegment* segment);

  MHeap& heap_;
  Lock lock_{Rank::kStackPool, Word::kOther, 1};
  // Under lock_, as each manual span's count of segments outside.
  std::array<StackSegment*, kStackOrders> free_{};
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
