#include "engine/gc/mark/work_buffer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/base/context.h"
#include "engine/base/fatal_codes.h"
#include "engine/base/reads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void BufferList::push(WorkBuffer& first, WorkBuffer& last) {
  ReadScope scope;
  // relaxed: a guess, the exchange finds out.
  uint64_t head = head_.load(std::memory_order_relaxed, "work buffers: what is the first one?");
  while (true) {
    scope.holds(0);
    // relaxed: published by the exchange. A pop that still reads it fails, by the tag.
    last.next.store(index_of(head), std::memory_order_relaxed, "work buffers: link");
    const uint64_t tag = (head >> 32) + 1;
    // release: pairs with the acquire of the pop, which then uses what is in the buffers.
    if (head_.compare_exchange(head, tag << 32 | (first.index + 1), std::memory_order_release,
                               std::memory_order_relaxed, "work buffers: push"))
      return;
  }
}

WorkBuffer* BufferList::pop(WorkBuffer* all) {
  ReadScope scope;
  // acquire: pairs with the push, so that `next` is at least as new.
  uint64_t head = head_.load(std::memory_order_acquire, "work buffers: is there one?");
  while (index_of(head) != 0) {
    scope.holds(1);
    WorkBuffer& first = all[index_of(head) - 1];
    // relaxed: another thread may have taken it and linked it elsewhere; the exchange fails then.
    const uint32_t next = first.next.load(std::memory_order_relaxed, "work buffers: what is below it?");
    scope.holds(2);
    const uint64_t below = (head >> 32) << 32 | next;
    if (head_.compare_exchange(head, below, std::memory_order_acquire, std::memory_order_acquire,
                               "work buffers: pop")) {
      scope.returns(1);
      return &first;
    }
  }
  return nullptr;
}

// Each word of the heap is scanned once and makes at most one entry. The rest is for buffers that are not full.
WorkBuffers::WorkBuffers(uint64_t heap_bytes)
    : memory_(Reservation::reserve(
          kLaboratory ? 64 * kChunk * sizeof(WorkBuffer) : heap_bytes + heap_bytes / 16 + (size_t{64} << 20),
          alignof(WorkBuffer), kLaboratory ? Protection::kReadWrite : Protection::kNone)) {}

WorkBuffer& WorkBuffers::take(Context& m) {
  count_taken();
  if (WorkBuffer* buffer = empty_.pop(all())) return *buffer;
  return grow(m);
}

void WorkBuffers::give_back(WorkBuffer& buffer) {
  if constexpr (!kLaboratory)  // relaxed, as in count_taken(): see out_
    out_.sub(1, std::memory_order_relaxed, "work buffers: one less is out");
  empty_.push(buffer, buffer);
}

// Not in the laboratory, which never gives memory back: no steps for a figure that nothing asks for.
void WorkBuffers::count_taken() {
  if constexpr (kLaboratory) return;
  // relaxed all: see out_.
  const uint32_t out = out_.fetch_add(1, std::memory_order_relaxed, "work buffers: one more is out") + 1;
  uint32_t most = most_out_.load(std::memory_order_relaxed, "work buffers: how many were out?");
  while (most < out &&
         !most_out_.compare_exchange(most, out, std::memory_order_relaxed, std::memory_order_relaxed,
                                     "work buffers: so many were out")) {
  }
}

// The links of the list are in the memory that goes back, so the list is made anew of the buffers that stay. What the
// last two markings used stays: it would be wanted again at once.
void WorkBuffers::shrink(Context& m) {
  if constexpr (kLaboratory) return;
  Guard guard(m, lock_, "work buffers: lock to give memory back");
  check(m, out_.peek() == 0, FatalCode::kLeftoverWork, Operand{"buffers_out", out_.peek()});
  const uint32_t most = most_out_.peek();
  const uint32_t used = std::max({most, std::exchange(most_out_before_, most), 1u});
  most_out_.put(0);
  const uint32_t chunks = made_ / kChunk, kept = (used + kChunk - 1) / kChunk;
  if (chunks <= kept) return;
  const uint32_t end = std::max(kept, chunks - std::min(chunks, kMostChunksBack)) * kChunk;
  if (decommit(all() + end, (made_ - end) * sizeof(WorkBuffer)) != 0) return;
  made_ = end;
  empty_.clear();
  for (uint32_t i = 0; i < made_; ++i) all()[i].next.put(i + 1 < made_ ? i + 2 : 0);
  empty_.push(all()[0], all()[made_ - 1]);
}

WorkBuffer& WorkBuffers::grow(Context& m) {
  Guard guard(m, lock_, "work buffers: lock to make more");
  if (WorkBuffer* buffer = empty_.pop(all())) return *buffer;  // another thread made some
  const uint64_t end = uint64_t{made_ + kChunk} * sizeof(WorkBuffer);
  WorkBuffer* const chunk = all() + made_;
  const bool usable =
      end <= memory_.bytes() && (kLaboratory || commit(chunk, kChunk * sizeof(WorkBuffer)) == 0);
  if (!usable) fail(m, FatalCode::kOutOfMemory, {{"mark_buffers", made_}});
  for (uint32_t i = 0; i < kChunk; ++i) {
    WorkBuffer& buffer = *new (&chunk[i]) WorkBuffer();
    buffer.index = made_ + i;
    buffer.next.bind(Word::kMarkWork, object(MarkWord::kBufferLinks) + buffer.index);
    buffer.next.put(i + 1 < kChunk ? buffer.index + 2 : 0);
  }
  made_ += kChunk;
  empty_.push(chunk[1], chunk[kChunk - 1]);
  return chunk[0];
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
