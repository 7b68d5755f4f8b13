#include "engine/heap/sweep.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/base/wait_point.h"
#include "engine/base/witness.h"
#include "engine/heap/mcache.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

using observe::Cause;

// No mark is on a slot that holds no object (Go: reportZombies). A reference one past the end of an object,
// or to an object that is long dead, may have put it there; the slot would count as an object that was never
// made.
void check_marked_are_objects(HeapThread& m, const MSpan& span) {
  const uint32_t from = span.freeindex.peek();
  if (from == span.nelems) return;  // as most spans are
  for (uint32_t word = from / 64; word < span.words(); ++word) {
    uint64_t zombies = span.mark_word_at(word) & ~span.alloc_word_at(word);
    if (word == from / 64) zombies &= ~uint64_t{0} << (from % 64);
    const auto slot = static_cast<uint32_t>(std::countr_zero(zombies));
    check(m, zombies == 0, FatalCode::kBadPointer, Operand{"address", span.slot_address(64 * word + slot)},
          Operand{"span", span.id}, Operand{"no_object_in_slot", 64 * word + slot});
  }
}

// Laboratory: names every object that this sweep frees, for the shadow heap.
void testify(const MSpan& span) {
  for (uint32_t slot = 0; slot < span.nelems; ++slot)
    if (span.holds_object(slot) && !span.has_mark_bit(slot))
      witness_slot_freed(span.id, span.large() ? span.base : span.slot_address(slot), span.object_bytes());
}

// Fills what this sweep frees, before the bits are swapped and the span is given on.
// Allocation clears it again, because need_zero is set whenever a sweep frees.
void fill_dead_slots(const MSpan& span) {
  constexpr int kPoison = 0xDB;
  for (uint32_t slot = 0; slot < span.nelems; ++slot) {
    if (!span.holds_object(slot) || span.has_mark_bit(slot)) continue;
    const uintptr_t object = span.large() ? span.base : span.slot_address(slot);
    std::memset(reinterpret_cast<void*>(object), kPoison, span.object_bytes());
  }
}

void charge(HeapThread& m, const MSpan& span, uint32_t freed, Cause cause) {
  if (fault(Fault::kMcacheSetAfterFlush) && cause == Cause::kFlush) return;
  FreeCounts& counts = taken_back(m);
  if (span.large()) {
    ++counts.large;
    counts.large_bytes += span.bytes();
  } else {
    counts.small[span.span_class.size_class()] += freed;
  }
}

// The slots whose objects died, while the bits still name them.
void free_slots(HeapThread& m, const MHeap& heap, MSpan& span, uint32_t freed, Cause cause) {
  if constexpr (kLaboratory) testify(span);
  if (heap.poison) [[unlikely]]
    fill_dead_slots(span);
  span.need_zero = true;
  charge(m, span, freed, cause);
}

void reset_marks(const MSpan& span, uint8_t marks) {
  if (fault(Fault::kMarksNotReplaced))
    for (uint32_t word = 0; word < span.words(); ++word)
      span.bits.word(marks, word) = span.mark_word_at(word);
  else
    span.clear_bits(marks);
}

// The marks become the allocation bits; the old allocation bits, cleared, become the next cycle's marks.
void swap_bits(MSpan& span) {
  const uint8_t marks = 1 - span.marks_in.peek();
  reset_marks(span, marks);
  // relaxed: published by the release store of sweepgen.
  span.marks_in.store(marks, std::memory_order_relaxed, "sweep: mark bits become alloc bits");
}

}  // namespace

Sweeping::Sweeping(HeapThread& m, MHeap& heap, Sweeper kind)
    : m_(m),
      heap_(heap),
      counted_(kind == Sweeper::kQueue ||
               (heap.repairs.direct_sweepers_count && !fault(Fault::kCompletionIgnoresFlushers))) {
  if (counted_) heap_.begin_sweeper();
}
Sweeping::~Sweeping() {
  // The background sweeper, which has no mcache, leaves the fault's batch open.
  if (!(fault(Fault::kBatchHeldOverStop) && m_.mcache == nullptr)) publish(m_, heap_);
  if (counted_) heap_.end_sweeper();
}

void publish(HeapThread& m, MHeap& heap) {
  SweepBatch& batch = m.batch;
  if (batch.swept_count > 0) heap.swept().push({batch.swept.data(), std::exchange(batch.swept_count, 0)});
  if (batch.pages > 0)
    heap.pages_swept.add(std::exchange(batch.pages, 0), std::memory_order_relaxed, "sweep: count the pages");
  if (batch.dead_count > 0) heap.free_spans(m, {batch.dead.data(), std::exchange(batch.dead_count, 0)});
}

bool sweep(HeapThread& m, MHeap& heap, SweepToken&& token, MCentral::Preserve preserve, Cause cause) {
  ReadScope scope;
  MSpan& span = token.span();
  const uint32_t h = heap.gen();
  check(m, m.non_preemptible > 0, FatalCode::kMIsNotLocked, Operand{"span", span.id});
  // relaxed: ours, the token proves it; the claim acquired.
  const uint32_t raw = span.sweepgen.load(std::memory_order_relaxed, "sweep: is the span ours?");
  check(m, span.state.peek() == SpanState::kInUse && raw == encode(SweepState::kSweeping, h),
        FatalCode::kBadSpanState, Operand{"span", span.id},
        Operand{"state", static_cast<uint64_t>(span.state.peek())}, Operand{"sweepgen", raw},
        Operand{"heap_sweepgen", h});
  if (m.batch.full()) publish(m, heap);
  m.batch.pages += span.pages;
  ++m.swept_spans[static_cast<size_t>(cause)];

  // Few spans have one. No step: only we may touch the list.
  if (span.specials.peek() != nullptr)
    heap.specials.sweep(m, span);  // may keep dead objects for another cycle
  const uint32_t live = span.count_marks();
  check(m, live <= span.alloc_count, FatalCode::kSweepIncreasedAllocCount, Operand{"span", span.id},
        Operand{"marked", live}, Operand{"allocCount", span.alloc_count});
  check_marked_are_objects(m, span);
  const uint32_t freed = span.alloc_count - live;
  if (freed > 0) free_slots(m, heap, span, freed, cause);
  swap_bits(span);
  // relaxed: published by the release store of sweepgen.
  span.freeindex.store(fault(Fault::kFreeindexNotReset) ? span.freeindex.peek() : 0,
                       std::memory_order_relaxed, "sweep: freeindex := 0");
  span.alloc_count = live;
  span.forget_alloc_cache();

  const uint32_t id = span.id;
  if (span.large()) {
    // relaxed: a hint; the span is ours until the next line.
    heap.unswept_large.sub(1, std::memory_order_relaxed, "sweep: one large span less to sweep");
    arc_swept(m, std::move(token), h, observe::Arc::kT8Swept);
    if (live == 0) {
      heap.free_span(m, span);
      return scope.returns(true);
    }
  } else if (freed > 0 || (cause == Cause::kFlush && live < span.nelems)) {
    // Freed slots, or slots that its P never used: a flushed span is still on `empty`.
    if (heap.central(span.span_class).free_span(m, heap, std::move(token), preserve))
      return scope.returns(true);
  } else {
    arc_swept(m, std::move(token), h, observe::Arc::kT8Swept);
  }
  // Exactly once a cycle for each span in use (T10).
  if (!fault(Fault::kSweptPushForgotten)) m.batch.add_swept(id);
  return false;
}

void ensure_swept(HeapThread& m, MHeap& heap, MSpan& span) {
  const ReadScope scope;
  check(m, m.non_preemptible > 0, FatalCode::kMIsNotLocked, Operand{"span", span.id});
  const WitnessedDuty duty(Duty::kEnsureSwept);
  const uint32_t h = heap.gen();  // no turn can happen while we are non-preemptible
  const auto swept = [h](uint32_t raw) {
    // In an mcache and swept, too: waiting for that one to come back we would block every stop
    // (Go's change of ensureSwept in the seed).
    return raw == encode(SweepState::kSwept, h) ||
           (raw == encode(SweepState::kCached, h) && !fault(Fault::kEnsureRejectsCached));
  };
  // acquire, here and below: the caller uses the specials next. Pairs with the release of T8,
  // and of T2 and T3, which followed it on the span.
  if (swept(span.sweepgen.load(std::memory_order_acquire, "ensure_swept: is the span swept?"))) return;
  {
    Sweeping counted(m, heap);
    if (SweepToken token = arc_claim(m, span, h, Cause::kEnsureSwept)) {
      sweep(m, heap, std::move(token), MCentral::Preserve::kNo, Cause::kEnsureSwept);
      return;
    }
  }
  // SWEEPING: its sweeper waits for no thread. STALE: its flusher acts for an idle P
  // before it waits for running ones, us among them (for_each_p), and a thread that acquires
  // the P flushes before it does anything else.
  spin_until("ensure_swept: wait until the span is swept", Word::kSweepgen, span.id,
             [&] { return swept(span.sweepgen.peek(std::memory_order_acquire)); });
}

namespace {

// At once. In the laboratory one by one: with two the queue is empty too soon for random search to meet D1, and the
// batches of flushes hold more than one span there anyway.
constexpr uint32_t kMostPopped = kLaboratory ? 1 : SweepBatch::kMost;

// T6 of a span that was popped from the unswept queue. Empty: it is to be dropped from it.
SweepToken claim_popped(HeapThread& m, MHeap& heap, MSpan& span, uint32_t h, Cause cause) {
  // acquire: pairs with the release of `state`, so that the sweepgen read next is at least as new.
  if (span.state.load(std::memory_order_acquire, "sweep_one: is the popped span in use?") !=
      SpanState::kInUse) {
    // Swept directly, freed; perhaps allocated and cached again between the two reads
    // (repair of D1: h+3 is fine).
    const uint32_t raw = span.sweepgen.load(std::memory_order_acquire, "sweep_one: sweepgen of a free span");
    witness_popped_free(span.id, raw, h);
    const bool cached = raw == encode(SweepState::kCached, h) && heap.repairs.popped_span_may_be_cached &&
                        !fault(Fault::kSweepOneRejectsCached);
    check(m, raw == h || cached, FatalCode::kNonInUseSpanInUnsweptList, Operand{"span", span.id},
          Operand{"sweepgen", raw}, Operand{"heap_sweepgen", h});
    return {};
  }
  // Not NEEDS any more (swept directly, being swept) or STALE (its flusher's): dropped.
  return arc_claim(m, span, h, cause);
}

// How many popped spans are claimed before the first of them is swept. A sweep waits for memory more than for anything
// else, so the bits of a span are asked for while those before it are swept; only its owner may follow the pointers to
// them, hence the claim. Few: a thread in ensure_swept waits for the sweep of a claimed span, and cache_span passes it by.
constexpr uint32_t kClaimedAhead = kLaboratory ? 1 : 6;

}  // namespace

std::optional<uint32_t> sweep_batch(HeapThread& m, MHeap& heap, Cause cause, uint32_t most) {
  ReadScope scope;
  NonPreemptible region(m);
  // seq_cst with sweepers, see MHeap.
  if (heap.sweep_done.load(std::memory_order_seq_cst, "sweep_one: all done?") != 0) {
    scope.returns(~0u);
    return std::nullopt;
  }
  Sweeping counted(m, heap, Sweeper::kQueue);
  const uint32_t h = heap.gen();
  uint32_t swept = 0, freed_pages = 0;
  while (swept == 0) {
    scope.holds(0);
    std::span<const uint32_t> popped = heap.unswept().pop(std::min(most, kMostPopped));
    if (popped.empty()) {
      heap.sweep_done.store(1, std::memory_order_seq_cst, "sweep_one: queue is empty, sweepdone := 1");
      scope.returns(~0u);
      return std::nullopt;
    }
    for (const uint32_t id : popped) heap.span(id).prefetch();
    while (!popped.empty()) {
      std::array<SweepToken, kClaimedAhead> claimed;
      uint32_t count = 0;
      for (; !popped.empty() && count < kClaimedAhead; popped = popped.subspan(1)) {
        if constexpr (kLaboratory)
          scope.holds(SweepQueue::digest_of(popped) * 64 + 8 * uint64_t{freed_pages} + swept);
        SweepToken token = claim_popped(m, heap, heap.span(popped.front()), h, cause);
        if (!token) continue;
        token.span().prefetch_bits();
        claimed[count++] = std::move(token);
      }
      for (uint32_t i = 0; i < count; ++i) {
        const uint32_t pages = claimed[i].span().pages;
        ++swept;
        if (sweep(m, heap, std::move(claimed[i]), MCentral::Preserve::kNo, cause)) freed_pages += pages;
      }
    }
  }
  return scope.returns(freed_pages);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
