#include "engine/heap/stack_pool.h"

#include <algorithm>
#include <utility>

#include "engine/heap/mcache.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

bool StackCache::empty() const {
  return std::all_of(free.begin(), free.end(), [](const StackSegment* first) { return first == nullptr; });
}

void StackCache::push(StackSegment* segment) {
  segment->below = std::exchange(free[segment->order], segment);
  bytes[segment->order] += segment_bytes(segment->order);
}

StackSegment* StackCache::pop(uint32_t order) {
  StackSegment* const segment = free[order];
  if (segment == nullptr) return nullptr;
  free[order] = segment->below;
  bytes[order] -= segment_bytes(order);
  return segment;
}

StackSegment* StackPool::take(HeapThread& m, uint32_t order) {
  if (m.mcache == nullptr) {
    Guard guard(m, lock_, "stack pool: lock to take a segment");
    return take_locked(m, order);
  }
  StackCache& cache = m.mcache->stacks;
  if (cache.free[order] == nullptr) {
    Guard guard(m, lock_, "stack pool: lock to refill a cache");
    while (cache.bytes[order] < StackCache::kMost / 2) {
      StackSegment* const segment = take_locked(m, order);
      if (segment == nullptr) break;
      cache.push(segment);
    }
  }
  return cache.pop(order);
}

void StackPool::give(HeapThread& m, StackSegment* segment) {
  if (m.mcache == nullptr) {
    Guard guard(m, lock_, "stack pool: lock to give a segment");
    give_locked(segment);
    return;
  }
  StackCache& cache = m.mcache->stacks;
  const uint32_t order = segment->order;
  if (cache.bytes[order] >= StackCache::kMost) {
    Guard guard(m, lock_, "stack pool: lock to relieve a cache");
    while (cache.bytes[order] > StackCache::kMost / 2) give_locked(cache.pop(order));
  }
  cache.push(segment);
}

void StackPool::clear(HeapThread& m, StackCache& cache) {
  if (cache.empty()) return;
  Guard guard(m, lock_, "stack pool: lock to clear a cache");
  for (uint32_t order = 0; order < kStackOrders; ++order)
    while (StackSegment* segment = cache.pop(order)) give_locked(segment);
}

StackSegment* StackPool::take_locked(HeapThread& m, uint32_t order) {
  if (free_[order] == nullptr) {
    MSpan* const span = heap_.alloc_manual(m, kStackSpanBytes >> kPageShift);
    if (span == nullptr) return nullptr;
    span->nelems = kStackSpanBytes / segment_bytes(order);
    for (uint32_t i = span->nelems; i-- > 0;) {  // the lowest one is taken first
      auto* segment = reinterpret_cast<StackSegment*>(span->base + uint64_t{i} * segment_bytes(order));
      *segment = {free_[order], order, span->id};
      free_[order] = segment;
    }
  }
  StackSegment* const segment = free_[order];
  free_[order] = segment->below;
  ++heap_.span(segment->span).alloc_count;
  return segment;
}

void StackPool::give_locked(StackSegment* segment) {
  segment->below = std::exchange(free_[segment->order], segment);
  --heap_.span(segment->span).alloc_count;
}

void StackPool::free_empty_spans(HeapThread& m) {
  MSpan* empty = nullptr;  // a list by MSpan::next, which no mcentral uses for a manual span
  Guard guard(m, lock_, "stack pool: lock to look for empty spans");
  for (StackSegment*& first : free_) {
    StackSegment** link = &first;
    while (StackSegment* segment = *link) {
      MSpan& span = heap_.span(segment->span);
      if (span.alloc_count != 0) {
        link = &segment->below;
        continue;
      }
      *link = segment->below;
      if (--span.nelems == 0) {  // the last of its segments left the list
        span.next = empty;
        empty = &span;
      }
    }
  }
  while (empty != nullptr) heap_.free_manual(m, *std::exchange(empty, empty->next));
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
